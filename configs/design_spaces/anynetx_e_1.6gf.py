"""AnyNetX_E at higher flops (figure 10), as anynetx_a_1.6gf.py."""

_base_ = 'anynetx_e.py'
constraints = dict(flops=(1.44e9, 1.6e9))
