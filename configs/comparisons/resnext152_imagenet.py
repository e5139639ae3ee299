"""ResNeXt-152 32x4d on ImageNet, 100 epochs, table 3: 11.7 GF, 60.0 M parameters, 29.7 M activations.

Top-1 error 20.4 ± 0.06 in the paper (mean and deviation of 5 trainings); 21.1 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(type='ResNeXt', depth=152, groups=32, width_per_group=4))
