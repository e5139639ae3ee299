"""RegNetX of the study: the upper ends of the ranges are a quarter of the paper's, as in anynetx_a.py; w_m and b, which are ratios,
stay."""

_base_ = '../design_spaces/regnetx.py'
design_space = dict(
    depth=dict(below=16),
    w_0=dict(below=64),
    w_a=dict(below=64),
    group_width=[1, 2, 4, 8],
    strides=(1, 2, 2, 2),
    resolution=16,
    num_classes=10,
)
