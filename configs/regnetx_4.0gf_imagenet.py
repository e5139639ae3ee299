"""RegNetX-4.0GF on ImageNet, 100 epochs, figure 15: 4.0 GF, 22.1 M parameters, 12.2 M activations.

Top-1 error 21.4 ± 0.19 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_4.0gf'), head=dict(in_channels=1360))
