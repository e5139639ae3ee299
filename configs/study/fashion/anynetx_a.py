"""AnyNetX_A of the study on Fashion-MNIST: the upper ends of d, w and g are half of the paper's; 36x36 pixels, so that the first
stage, behind the stem's stride of 2, has none; 100 classes."""

_base_ = '../../design_spaces/anynetx_a.py'
design_space = dict(
    depth=dict(high=8),
    width=dict(high=512),
    group_width=[1, 2, 4, 8, 16],
    strides=(1, 2, 2, 2),
    resolution=36,
    num_classes=100,
)
