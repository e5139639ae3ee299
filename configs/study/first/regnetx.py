"""RegNetX of the first attempt at the study: the upper ends of the ranges are half of the paper's, as in anynetx_a.py; w_m and b, which are ratios,
stay."""

_base_ = '../../design_spaces/regnetx.py'
design_space = dict(
    depth=dict(below=32),
    w_0=dict(below=128),
    w_a=dict(below=128),
    group_width=[1, 2, 4, 8, 16],
    strides=(1, 2, 2, 2),
    resolution=16,
    num_classes=10,
)
