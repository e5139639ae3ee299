"""A small DeepLabV3+ on digits on photographs, for configs/design_spaces/of_configs/deeplabv3plus_digits.py."""

_base_ = '../../segmentation/deeplabv3plus_regnetx_6.5mf-d8_digits.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='regnet_plugin.AnyNet',
        depths=[1, 2, 3, 1],
        widths=[24, 48, 96, 192],
        bottleneck_ratios=[1, 1, 1, 1],
        group_widths=[8, 8, 8, 8],
        strides=(2, 2, 1, 1),
        dilations=(1, 1, 2, 4),
    ),
    decode_head=dict(in_channels=192),
    auxiliary_head=dict(in_channels=96),
)
train_cfg = dict(max_epochs=4)
