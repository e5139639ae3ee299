"""ResNet of the 2019 paper (table 2): Vanilla with residuals. 1,259,712 networks."""

_base_ = 'cifar2019_vanilla.py'
design_space = dict(block='VR2')
