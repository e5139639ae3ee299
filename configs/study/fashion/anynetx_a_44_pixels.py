"""AnyNetX_A of the pilot's pairs that overlap less: anynetx_a.py at 44x44 pixels."""

_base_ = 'anynetx_a.py'
design_space = dict(resolution=44)
