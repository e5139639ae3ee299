"""RegNetY-600MF on ImageNet, 100 epochs, figure 16: 0.6 GF, 6.1 M parameters, 4.3 M activations.

Top-1 error 24.5 ± 0.07 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnety_600mf'), head=dict(in_channels=608))
