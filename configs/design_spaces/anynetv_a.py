"""AnyNetX_A of V blocks: one 3x3 conv (appendix D)."""

_base_ = 'anynetx_a.py'
design_space = dict(block='V', bottleneck_ratio=None, group_width=None)
