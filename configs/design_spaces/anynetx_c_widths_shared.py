"""AnyNetX_C with one width for all stages: the constant widths of figure 7."""

_base_ = 'anynetx_c.py'
design_space = dict(widths='shared')
