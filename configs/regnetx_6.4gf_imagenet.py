"""RegNetX-6.4GF on ImageNet, 100 epochs, figure 15: 6.5 GF, 26.2 M parameters, 16.4 M activations.

Top-1 error 20.8 ± 0.07 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_6.4gf'), head=dict(in_channels=1624))
