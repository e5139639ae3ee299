"""RegNetX constrained with depthwise convs in the study on Fashion-MNIST: g = 1."""

_base_ = 'regnetx_constrained.py'
design_space = dict(group_width=[1])
