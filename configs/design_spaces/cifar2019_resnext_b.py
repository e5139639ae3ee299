"""ResNeXt-B of the 2019 paper (table 2): wider, with up to 16 groups. (5 * 5 * 3 * 5)^3 = 52,734,375 networks."""

_base_ = 'cifar2019_resnext_a.py'
design_space = dict(width=[64, 128, 256, 512, 1024], groups=[1, 2, 4, 8, 16])
