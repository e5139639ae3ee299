"""RegNetX-32GF on ImageNet, 100 epochs, figure 15: 31.7 GF, 107.8 M parameters, 36.3 M activations.

Top-1 error 19.5 ± 0.12 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb32.py'

model = dict(backbone=dict(arch='regnetx_32gf'), head=dict(in_channels=2520))
