"""RegNetX constrained with inverted bottlenecks in the study on Fashion-MNIST: 1/8 <= b <= 1, powers of two."""

_base_ = 'regnetx_constrained.py'
design_space = dict(bottleneck_ratio=[0.125, 0.25, 0.5, 1])
