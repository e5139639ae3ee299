"""RegNetX with five stages (figure 10)."""

_base_ = 'regnetx.py'
design_space = dict(num_stages=5)
