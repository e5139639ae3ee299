"""RegNetX-200MF on ImageNet, 100 epochs, figure 15: 0.2 GF, 2.7 M parameters, 2.2 M activations.

Top-1 error 31.1 ± 0.09 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnetx_200mf'), head=dict(in_channels=368))
