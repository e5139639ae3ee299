"""A small RetinaNet on digits on photographs, for configs/design_spaces/of_configs/retinanet_digits.py."""

_base_ = [
    'mmdet::_base_/models/retinanet_r50_fpn.py',
    'mmdet::_base_/default_runtime.py',
    '../datasets/digit_detection.py',
]

model = dict(
    backbone=dict(
        _delete_=True,
        type='regnet_plugin.AnyNet',
        depths=[1, 2, 4, 1],
        widths=[24, 48, 96, 192],
        bottleneck_ratios=[1, 1, 1, 1],
        group_widths=[8, 8, 8, 8],
        strides=[2, 2, 2, 2],
        out_indices=(0, 1, 2, 3),
    ),
    neck=dict(
        in_channels=[24, 48, 96, 192],
        out_channels=64,
        start_level=0,
        num_outs=4,
        norm_cfg=dict(type='BN'),
        _delete_=True,
        type='FPN',
    ),
    bbox_head=dict(
        num_classes=10,
        in_channels=64,
        feat_channels=64,
        stacked_convs=2,
        anchor_generator=dict(
            _delete_=True,
            type='AnchorGenerator',
            octave_base_scale=2.5,
            scales_per_octave=3,
            ratios=[1.6],
            strides=[4, 8, 16, 32],
        ),
    ),
)

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.002, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=4, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(max_keep_ckpts=2))
