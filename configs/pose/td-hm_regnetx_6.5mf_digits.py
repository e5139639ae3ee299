"""Heatmaps of the four ends of digits on photographs (docs/how_to/pose.md): a pose estimator trained from random weights in minutes.

The network of regnetx_6.5mf_digits.py, on crops of one digit each, 64x64. Its last maps are 4x4; the head enlarges
them to 16x16.
"""

_base_ = '../_base_/datasets/digit_keypoints.py'

default_scope = 'mmpose'

model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True
    ),
    backbone=dict(
        type='regnet_plugin.RegNet',
        arch=dict(depth=8, w_0=24, w_a=24, w_m=2.25, group_width=8),
        strides=(1, 2, 2, 2),
        out_indices=(3,),
    ),
    head=dict(
        type='HeatmapHead',
        in_channels=272,
        out_channels=4,
        deconv_out_channels=(64, 64),
        deconv_kernel_sizes=(4, 4),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder={{_base_.codec}},
    ),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
)

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.002, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),  # ends with the training
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(base_batch_size=32, enable=False)

# MMEngine removes an old checkpoint before it writes the new one: with fewer than two, a kill in between loses both.
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=10),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='PCK', rule='greater'),
    visualization=dict(type='PoseVisualizationHook', enable=False),
)
visualizer = dict(type='PoseLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
randomness = dict(seed=0)
