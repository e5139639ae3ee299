"""RegNetX-12GF on ImageNet, 100 epochs, figure 15: 12.1 GF, 46.1 M parameters, 21.4 M activations.

Top-1 error 20.3 ± 0.04 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnetx_12gf'), head=dict(in_channels=2240))
