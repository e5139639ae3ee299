"""ResNeXt-50 32x4d on ImageNet, 100 epochs, table 3: 4.2 GF, 25.0 M parameters, 14.4 M activations.

Top-1 error 21.9 ± 0.10 in the paper (mean and deviation of 5 trainings); 22.2 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(type='ResNeXt', depth=50, groups=32, width_per_group=4))
