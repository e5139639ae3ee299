"""AnyNetX_E: AnyNetX_D with depths that do not fall, d_{i+1} >= d_i. 8.2e11 networks (5.5e11 in table 1)."""

_base_ = 'anynetx_d.py'
design_space = dict(depths='increasing')
