"""RegNetX at higher flops (figure 10), as anynetx_a_1.6gf.py."""

_base_ = 'regnetx.py'
constraints = dict(flops=(1.44e9, 1.6e9))
