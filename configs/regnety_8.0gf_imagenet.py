"""RegNetY-8.0GF on ImageNet, 100 epochs, figure 16: 8.0 GF, 39.2 M parameters, 18.0 M activations.

Top-1 error 20.1 ± 0.09 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_8.0gf'), head=dict(in_channels=2016))
