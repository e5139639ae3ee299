"""AnyNetX_A of R blocks: no groups (appendix D)."""

_base_ = 'anynetx_a.py'
design_space = dict(block='R', group_width=None)
