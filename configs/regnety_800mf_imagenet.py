"""RegNetY-800MF on ImageNet, 100 epochs, figure 16: 0.8 GF, 6.3 M parameters, 5.2 M activations.

Top-1 error 23.7 ± 0.03 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnety_800mf'), head=dict(in_channels=768))
