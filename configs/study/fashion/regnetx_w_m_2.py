"""RegNetX of the study on Fashion-MNIST with w_m = 2, one of the paper's two simplifications (figure 9)."""

_base_ = 'regnetx.py'
design_space = dict(w_m=2)
