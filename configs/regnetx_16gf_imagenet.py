"""RegNetX-16GF on ImageNet, 100 epochs, figure 15: 15.9 GF, 54.3 M parameters, 25.5 M activations.

Top-1 error 20.0 ± 0.11 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_16gf'), head=dict(in_channels=2048))
