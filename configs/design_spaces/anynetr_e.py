"""AnyNetX_E of R blocks: no groups (appendix D)."""

_base_ = 'anynetx_e.py'
design_space = dict(block='R', group_width=None)
