"""Vanilla of the 2019 paper (table 2): three stages for CIFAR-10, blocks of two 3x3 convs. (9 * 12)^3 = 1,259,712 networks.

The paper says "1, 24, 9" and "16, 256, 12": so many values, about evenly spaced in log space. These lists are our reading: rounded
to whole numbers, a value that is taken moved up.
"""

design_space = dict(
    type='regnet_plugin.AnyNetSpace',
    block='V2',
    num_stages=3,
    depth=[1, 2, 3, 4, 5, 7, 11, 16, 24],
    width=[16, 21, 26, 34, 44, 56, 73, 93, 120, 155, 199, 256],
    stem='cifar',
    stem_width=16,
    strides=(1, 2, 2),
    resolution=32,
    num_classes=10,
)
