"""AnyNetX_B: AnyNetX_A with one bottleneck ratio for all stages. 6.8e16 networks."""

_base_ = 'anynetx_a.py'
design_space = dict(shared_bottleneck_ratio=True)
