"""RegNetX-3.2GF on ImageNet, 100 epochs, figure 15: 3.2 GF, 15.3 M parameters, 11.4 M activations.

Top-1 error 21.7 ± 0.08 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_3.2gf'), head=dict(in_channels=1008))
