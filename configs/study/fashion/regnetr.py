"""RegNetX of R blocks in the study on Fashion-MNIST: regnetx.py without groups."""

_base_ = 'regnetx.py'
design_space = dict(block='R', group_width=None)
