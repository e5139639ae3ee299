"""RegNetX constrained (section 4): b = 1, d <= 40, w_m >= 2, limits on parameters and activations.

The paper prints no numbers for the limits; these are the advice in the code of its authors: parameters below 3 + 5.5 F million,
activations below 6.5 sqrt(F) million, F being the upper end of the flop regime in GF. Group widths: powers of two below 8,
multiples of 8 above, as in their sampler; --cfg-options design_space.group_width.low=16 and the like fit them to a regime.
"""

_base_ = 'regnetx.py'
design_space = dict(
    depth=dict(law='uniform', low=1, below=None, high=40),
    w_m=dict(low=2),
    bottleneck_ratio=1,
    group_width=dict(_delete_=True, law='power_or_multiple', low=1, high=128, step=8),
    limits=dict(parameters=dict(constant=3e6, linear=5.5e6), activations=dict(root=6.5e6)),
)
