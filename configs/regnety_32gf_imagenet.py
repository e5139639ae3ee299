"""RegNetY-32GF on ImageNet, 100 epochs, figure 16: 32.3 GF, 145.0 M parameters, 30.3 M activations.

Top-1 error 19.0 ± 0.12 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb32.py'

model = dict(backbone=dict(arch='regnety_32gf'), head=dict(in_channels=3712))
