"""RegNetX-400MF on ImageNet, 100 epochs, figure 15: 0.4 GF, 5.2 M parameters, 3.1 M activations.

Top-1 error 27.3 ± 0.15 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnetx_400mf'), head=dict(in_channels=384))
