"""RegNetX of R blocks: no groups (appendix D, figure 23)."""

_base_ = 'regnetx.py'
design_space = dict(block='R', group_width=None)
