"""DeepLabV3+ on digits on photographs (docs/how_to/segmentation.md): a segmentor that trains from random weights in minutes.

The network of regnetx_6.5mf_digits.py. Its last maps are an eighth of the image: the last two stages keep their size,
and dilations of 2 and 4 in the place of strides keep what a pixel sees. The head takes the first maps, too, a quarter
of the image, for the edges of the ink.
"""

_base_ = '../_base_/datasets/digit_segmentation.py'

default_scope = 'mmseg'

norm_cfg = dict(type='BN')
num_classes = 11  # the ground, and ten digits
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        size=(160, 160),
    ),
    backbone=dict(
        type='regnet_plugin.RegNet',
        arch=dict(depth=8, w_0=24, w_a=24, w_m=2.25, group_width=8),
        strides=(2, 2, 1, 1),
        dilations=(1, 1, 2, 4),
    ),
    decode_head=dict(
        type='DepthwiseSeparableASPPHead',
        in_channels=272,
        in_index=3,
        c1_in_channels=24,
        c1_channels=16,
        channels=64,
        dilations=(1, 2, 4),
        num_classes=num_classes,
        norm_cfg=norm_cfg,
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss', class_weight=[0.05] + [1.0] * 10),  # most pixels are ground
    ),
    auxiliary_head=dict(
        type='FCNHead',
        in_channels=120,
        in_index=2,
        channels=32,
        num_convs=1,
        num_classes=num_classes,
        norm_cfg=norm_cfg,
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss', loss_weight=0.4),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.003, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),  # ends with the training
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(base_batch_size=8, enable=False)

# MMEngine removes an old checkpoint before it writes the new one: with fewer than two, a kill in between loses both.
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=10),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='mIoU'),
    visualization=dict(type='SegVisualizationHook'),
)
visualizer = dict(type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
randomness = dict(seed=0)
