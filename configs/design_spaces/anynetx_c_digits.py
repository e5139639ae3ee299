"""AnyNetX_C for the digits: anynetx_b_digits.py with one group width for all stages."""

_base_ = 'anynetx_b_digits.py'
design_space = dict(shared_group_width=True)
