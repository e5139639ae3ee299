"""AnyNetX_D of the study on Fashion-MNIST: anynetx_c.py with widths that do not fall."""

_base_ = 'anynetx_c.py'
design_space = dict(widths='increasing')
