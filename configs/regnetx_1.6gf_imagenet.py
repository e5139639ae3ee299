"""RegNetX-1.6GF on ImageNet, 100 epochs, figure 15: 1.6 GF, 9.2 M parameters, 7.9 M activations.

Top-1 error 23.0 ± 0.13 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnetx_1.6gf'), head=dict(in_channels=912))
