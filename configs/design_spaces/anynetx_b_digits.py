"""AnyNetX_B for the digits: anynetx_a_digits.py with one bottleneck ratio for all stages."""

_base_ = 'anynetx_a_digits.py'
design_space = dict(shared_bottleneck_ratio=True)
