"""AnyNetX_E of VR blocks: one 3x3 conv with residual (appendix D)."""

_base_ = 'anynetv_e.py'
design_space = dict(block='VR')
