"""AnyNetX_E of V blocks: one 3x3 conv (appendix D)."""

_base_ = 'anynetx_e.py'
design_space = dict(block='V', bottleneck_ratio=None, group_width=None)
