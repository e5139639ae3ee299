"""RegNetY with normalization and SiLU before each conv (block PreY), as in timm's RegNetV."""

_base_ = 'regnety.py'
design_space = dict(block='PreY')
