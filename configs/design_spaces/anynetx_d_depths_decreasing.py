"""AnyNetX_D with depths that do not rise, d_{i+1} <= d_i (figure 7)."""

_base_ = 'anynetx_d.py'
design_space = dict(depths='decreasing')
