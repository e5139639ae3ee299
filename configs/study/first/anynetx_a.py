"""AnyNetX_A of the first attempt at the study: the upper ends of all ranges are half of the paper's; 16x16 images, so that the stem leaves the
8x8 pixels that the digits have, and the first stage no stride."""

_base_ = '../../design_spaces/anynetx_a.py'
design_space = dict(
    depth=dict(high=8),
    width=dict(high=512),
    group_width=[1, 2, 4, 8, 16],
    strides=(1, 2, 2, 2),
    resolution=16,
    num_classes=10,
)
