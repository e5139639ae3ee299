"""AnyNetX_A for the digits at 32x32, of 5 to 8 MF; the first stage has no stride as the images are small.

For RegNetX beside it: regnetx_digits.py with --flops 5e6 8e6.
"""

_base_ = 'anynetx_a.py'
design_space = dict(
    depth=dict(high=8), width=dict(high=512), strides=(1, 2, 2, 2), resolution=32, num_classes=10
)
constraints = dict(flops=(5e6, 8e6))
