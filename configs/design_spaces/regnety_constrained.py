"""RegNetY constrained (section 4)."""

_base_ = 'regnetx_constrained.py'
design_space = dict(block='Y')
