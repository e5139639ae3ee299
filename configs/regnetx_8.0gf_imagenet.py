"""RegNetX-8.0GF on ImageNet, 100 epochs, figure 15: 8.0 GF, 39.6 M parameters, 14.1 M activations.

Top-1 error 20.7 ± 0.07 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_8.0gf'), head=dict(in_channels=1920))
