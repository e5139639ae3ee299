"""AnyNetX_E of the study on Fashion-MNIST: anynetx_d.py with depths that do not fall."""

_base_ = 'anynetx_d.py'
design_space = dict(depths='increasing')
