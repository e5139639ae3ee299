"""AnyNetX_D for the digits: anynetx_c_digits.py with widths that do not fall."""

_base_ = 'anynetx_c_digits.py'
design_space = dict(widths='increasing')
