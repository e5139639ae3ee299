"""RegNetX with w_m = 2: each stage doubles the width (figure 9)."""

_base_ = 'regnetx.py'
design_space = dict(w_m=2)
