"""A RegNetX on CIFAR-10, 200 epochs: 120 MF, 0.85 M parameters, 1.25 M activations at 32x32, no more than R-56.

Depths 3, 9, 6 and widths 32, 80, 192. The parameters are ours, the recipe that of the work of 2019: no published error.
"""

_base_ = '_base_/cifar10_nds.py'

model = dict(
    backbone=dict(
        type='regnet_plugin.RegNet', arch=dict(depth=18, w_0=32, w_a=8, w_m=2.5, group_width=16)
    ),
    head=dict(in_channels=192),
)
