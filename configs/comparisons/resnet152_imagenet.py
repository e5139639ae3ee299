"""ResNet-152 on ImageNet, 100 epochs, table 3: 11.5 GF, 60.2 M parameters, 22.6 M activations.

Top-1 error 20.9 ± 0.12 in the paper (mean and deviation of 5 trainings); 21.6 as originally reported.
"""

_base_ = '../_base_/resnet_dds_8xb32.py'

model = dict(backbone=dict(depth=152))
