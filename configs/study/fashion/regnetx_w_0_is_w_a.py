"""RegNetX of the study on Fashion-MNIST with w_0 = w_a, one of the paper's two simplifications (figure 9)."""

_base_ = 'regnetx.py'
design_space = dict(w_a=None)
