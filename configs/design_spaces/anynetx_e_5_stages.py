"""AnyNetX_E with five stages (figure 10); the ranges of the fifth are those of the others."""

_base_ = 'anynetx_e.py'
design_space = dict(num_stages=5)
