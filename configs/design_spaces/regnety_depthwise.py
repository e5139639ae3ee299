"""RegNetY constrained, with depthwise convs, g = 1: what regnety_swish_depthwise.py is compared with (figure 20)."""

_base_ = 'regnetx_depthwise.py'
design_space = dict(block='Y')
