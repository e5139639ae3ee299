"""AnyNetX_C with a rule, as tools/restrict_space.py writes it: widths that do not fall, a short last stage, and groups that are not narrow. Ours."""

_base_ = 'anynetx_c.py'
design_space = dict(where='rising(width) and depth[4] <= 2 and group_width >= 8')
