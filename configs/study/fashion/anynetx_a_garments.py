"""AnyNetX_A of the pilot's single garments: anynetx_a.py at 28x28 pixels and 10 classes."""

_base_ = 'anynetx_a.py'
design_space = dict(resolution=28, num_classes=10)
