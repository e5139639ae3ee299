"""RegNetX of VR blocks in the study on Fashion-MNIST: regnetv.py with residuals."""

_base_ = 'regnetv.py'
design_space = dict(block='VR')
