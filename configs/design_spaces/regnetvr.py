"""RegNetX of VR blocks: one 3x3 conv with residual (appendix D, figure 23)."""

_base_ = 'regnetv.py'
design_space = dict(block='VR')
