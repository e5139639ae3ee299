"""AnyNetX_D: AnyNetX_C with widths that do not fall, w_{i+1} >= w_i. 1.4e13 networks (1.3e13 in table 1, which divides by 4!)."""

_base_ = 'anynetx_c.py'
design_space = dict(widths='increasing')
