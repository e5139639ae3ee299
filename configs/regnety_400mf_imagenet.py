"""RegNetY-400MF on ImageNet, 100 epochs, figure 16: 0.4 GF, 4.3 M parameters, 3.9 M activations.

Top-1 error 25.9 ± 0.16 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnety_400mf'), head=dict(in_channels=440))
