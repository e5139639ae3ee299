"""RegNetX of V blocks in the study on Fashion-MNIST: regnetx.py with one 3x3 conv as block."""

_base_ = 'regnetx.py'
design_space = dict(block='V', bottleneck_ratio=None, group_width=None)
