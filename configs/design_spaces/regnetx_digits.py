"""RegNetX for the digits at 32x32: small networks of 2 to 8 MF, four stages, the first without stride as the images are small.

configs/regnetx_6.5mf_digits.py has one of its networks.
"""

_base_ = 'regnetx.py'
design_space = dict(
    depth=dict(law='uniform', low=4, below=None, high=16),
    w_0=dict(low=8, below=None, high=48),
    w_a=dict(low=8, below=None, high=64),
    group_width=[1, 2, 4, 8, 16],
    strides=(1, 2, 2, 2),
    resolution=32,
    num_classes=10,
)
constraints = dict(flops=(2e6, 8e6))
