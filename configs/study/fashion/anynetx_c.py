"""AnyNetX_C of the study on Fashion-MNIST: anynetx_b.py with one group width for all stages."""

_base_ = 'anynetx_b.py'
design_space = dict(shared_group_width=True)
