"""RegNetX-800MF on ImageNet, 100 epochs, figure 15: 0.8 GF, 7.3 M parameters, 5.1 M activations.

Top-1 error 24.8 ± 0.09 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnetx_800mf'), head=dict(in_channels=672))
