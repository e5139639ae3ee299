"""ResNeXt-101 32x4d on ImageNet, 100 epochs, table 3: 8.0 GF, 44.2 M parameters, 21.2 M activations.

Top-1 error 20.7 ± 0.08 in the paper (mean and deviation of 5 trainings); 21.2 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(type='ResNeXt', depth=101, groups=32, width_per_group=4))
