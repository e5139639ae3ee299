"""RegNetX-600MF on ImageNet, 100 epochs, figure 15: 0.6 GF, 6.2 M parameters, 4.0 M activations.

Top-1 error 25.9 ± 0.03 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb128.py'

model = dict(backbone=dict(arch='regnetx_600mf'), head=dict(in_channels=528))
