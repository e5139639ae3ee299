"""RegNetX of the study on Fashion-MNIST as section 5 draws it: regnetx_constrained.py with at least 6 blocks, half of the paper's 12."""

_base_ = 'regnetx_constrained.py'
design_space = dict(depth=dict(low=6, high=14))
