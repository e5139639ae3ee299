"""RegNetY: RegNetX with squeeze-and-excitation after the 3x3 conv, ratio 1/4."""

_base_ = 'regnetx.py'
design_space = dict(block='Y')
