"""RegNetY-200MF on ImageNet, 100 epochs, figure 16: 0.2 GF, 3.2 M parameters, 2.2 M activations.

Top-1 error 29.6 ± 0.11 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnety_200mf'), head=dict(in_channels=368))
