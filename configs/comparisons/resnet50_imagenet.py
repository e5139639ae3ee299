"""ResNet-50 on ImageNet, 100 epochs, table 3: 4.1 GF, 25.6 M parameters, 11.1 M activations.

Top-1 error 23.2 ± 0.09 in the paper (mean and deviation of 5 trainings); 23.9 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(depth=50))
