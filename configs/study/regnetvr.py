"""RegNetX of VR blocks in the study: regnetv.py with residuals."""

_base_ = 'regnetv.py'
design_space = dict(block='VR')
