"""ResNeXt-A of the 2019 paper (table 2): bottleneck blocks with 1 to 4 groups. (5 * 5 * 3 * 3)^3 = 11,390,625 networks."""

_base_ = 'cifar2019_vanilla.py'
design_space = dict(
    block='X',
    depth=[1, 2, 4, 8, 16],
    width=[16, 32, 64, 128, 256],
    bottleneck_ratio=[1, 2, 4],
    groups=[1, 2, 4],
)
