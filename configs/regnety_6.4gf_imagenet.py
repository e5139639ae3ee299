"""RegNetY-6.4GF on ImageNet, 100 epochs, figure 16: 6.4 GF, 30.6 M parameters, 16.4 M activations.

Top-1 error 20.1 ± 0.04 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_6.4gf'), head=dict(in_channels=1296))
