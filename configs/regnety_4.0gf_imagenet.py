"""RegNetY-4.0GF on ImageNet, 100 epochs, figure 16: 4.0 GF, 20.6 M parameters, 12.3 M activations.

Top-1 error 20.6 ± 0.08 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_4.0gf'), head=dict(in_channels=1088))
