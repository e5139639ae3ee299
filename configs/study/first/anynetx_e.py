"""AnyNetX_E of the first attempt at the study: anynetx_d.py with depths that do not fall."""

_base_ = 'anynetx_d.py'
design_space = dict(depths='increasing')
