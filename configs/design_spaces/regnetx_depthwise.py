"""RegNetX constrained, with depthwise convs, g = 1 (figure 14)."""

_base_ = 'regnetx_constrained.py'
design_space = dict(group_width=dict(_delete_=True, law='uniform', low=1, high=1))
