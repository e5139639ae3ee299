"""AnyNetX_C with widths that do not rise, w_{i+1} <= w_i (figure 7)."""

_base_ = 'anynetx_c.py'
design_space = dict(widths='decreasing')
