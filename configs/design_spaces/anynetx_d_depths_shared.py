"""AnyNetX_D with one depth for all stages: the constant depths of figure 7."""

_base_ = 'anynetx_d.py'
design_space = dict(depths='shared')
