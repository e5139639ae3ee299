"""RegNetX of V blocks: one 3x3 conv (appendix D, figure 23)."""

_base_ = 'regnetx.py'
design_space = dict(block='V', bottleneck_ratio=None, group_width=None)
