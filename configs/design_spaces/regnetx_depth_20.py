"""RegNetX constrained, of 20 blocks (figure 19)."""

_base_ = 'regnetx_constrained.py'
design_space = dict(depth=dict(_delete_=True, law='uniform', low=20, high=20))
