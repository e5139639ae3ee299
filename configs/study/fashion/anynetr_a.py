"""AnyNetX_A of R blocks in the study on Fashion-MNIST: anynetx_a.py without groups."""

_base_ = 'anynetx_a.py'
design_space = dict(block='R', group_width=None)
