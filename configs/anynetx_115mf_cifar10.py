"""A network of the space ResNeXt-A on CIFAR-10, 200 epochs: 115 MF, 0.76 M parameters, 1.12 M activations at 32x32.

Ratio 2 and 2 groups in every stage; chosen by us below the size of R-56 (126 MF, 0.86 M parameters): no published error.
"""

_base_ = '_base_/cifar10_nds.py'

model = dict(
    backbone=dict(
        type='regnet_plugin.AnyNet',
        depths=[4, 4, 4],
        widths=[64, 128, 256],
        bottleneck_ratios=[2, 2, 2],
        group_widths=[16, 32, 64],
    ),
    head=dict(in_channels=256),
)
