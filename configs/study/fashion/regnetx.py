"""RegNetX of the study on Fashion-MNIST: the upper ends of d, w_0, w_a and g are half of the paper's, as in anynetx_a.py; w_m and b,
which are ratios, stay. Four stages, as the AnyNets have."""

_base_ = '../../design_spaces/regnetx.py'
design_space = dict(
    depth=dict(below=32),
    w_0=dict(below=128),
    w_a=dict(below=128),
    group_width=[1, 2, 4, 8, 16],
    strides=(1, 2, 2, 2),
    resolution=36,
    num_classes=100,
)
