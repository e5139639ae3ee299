"""RegNetX constrained, with inverted bottlenecks, 1/8 <= b <= 1 (figures 14 and 19); powers of two are our reading."""

_base_ = 'regnetx_constrained.py'
design_space = dict(bottleneck_ratio=[0.125, 0.25, 0.5, 1])
