"""AnyNetX_E of Y blocks: squeeze-and-excitation after the 3x3 conv."""

_base_ = 'anynetx_e.py'
design_space = dict(block='Y')
