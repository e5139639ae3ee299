"""RegNetY constrained, with Swish and depthwise convs, g = 1 (figure 20)."""

_base_ = 'regnety_swish.py'
design_space = dict(group_width=dict(_delete_=True, law='uniform', low=1, high=1))
