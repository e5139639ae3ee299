"""AnyNetX_A of VR blocks: one 3x3 conv with residual (appendix D)."""

_base_ = 'anynetv_a.py'
design_space = dict(block='VR')
