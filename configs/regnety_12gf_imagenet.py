"""RegNetY-12GF on ImageNet, 100 epochs, figure 16: 12.1 GF, 51.8 M parameters, 21.4 M activations.

Top-1 error 19.7 ± 0.06 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_12gf'), head=dict(in_channels=2240))
