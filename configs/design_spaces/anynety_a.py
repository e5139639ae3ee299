"""AnyNetX_A of Y blocks: squeeze-and-excitation after the 3x3 conv."""

_base_ = 'anynetx_a.py'
design_space = dict(block='Y')
