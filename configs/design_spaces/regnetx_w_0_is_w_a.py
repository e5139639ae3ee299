"""RegNetX with w_0 = w_a, so that u_j = w_a (j + 1) (figure 9)."""

_base_ = 'regnetx.py'
design_space = dict(w_a=None)
