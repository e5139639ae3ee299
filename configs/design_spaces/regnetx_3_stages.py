"""RegNetX constrained, of three stages (figure 19)."""

_base_ = 'regnetx_constrained.py'
design_space = dict(num_stages=3)
