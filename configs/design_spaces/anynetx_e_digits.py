"""AnyNetX_E for the digits: anynetx_d_digits.py with depths that do not fall."""

_base_ = 'anynetx_d_digits.py'
design_space = dict(depths='increasing')
