"""AnyNetX_A with five stages (figure 10); the ranges of the fifth are those of the others."""

_base_ = 'anynetx_a.py'
design_space = dict(num_stages=5)
