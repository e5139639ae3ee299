"""ResNet-101 on ImageNet, 100 epochs, table 3: 7.8 GF, 44.5 M parameters, 16.2 M activations.

Top-1 error 21.4 ± 0.11 in the paper (mean and deviation of 5 trainings); 22.0 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(depth=101))
