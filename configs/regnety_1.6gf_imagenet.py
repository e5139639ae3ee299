"""RegNetY-1.6GF on ImageNet, 100 epochs, figure 16: 1.6 GF, 11.2 M parameters, 8.0 M activations.

Top-1 error 22.0 ± 0.08 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnety_1.6gf'), head=dict(in_channels=888))
