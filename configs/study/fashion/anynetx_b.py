"""AnyNetX_B of the study on Fashion-MNIST: anynetx_a.py with one bottleneck ratio for all stages."""

_base_ = 'anynetx_a.py'
design_space = dict(shared_bottleneck_ratio=True)
