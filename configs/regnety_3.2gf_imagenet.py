"""RegNetY-3.2GF on ImageNet, 100 epochs, figure 16: 3.2 GF, 19.4 M parameters, 11.3 M activations.

Top-1 error 21.0 ± 0.05 in the paper (mean and deviation of 5 trainings).
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_3.2gf'), head=dict(in_channels=1512))
