"""RegNetX of the study on Fashion-MNIST with ten blocks, half of the paper's twenty (figure 19)."""

_base_ = 'regnetx.py'
design_space = dict(depth=dict(_delete_=True, law='uniform', low=10, high=10))
