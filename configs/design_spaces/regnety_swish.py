"""RegNetY constrained, with Swish in place of ReLU (figure 20)."""

_base_ = 'regnety_constrained.py'
design_space = dict(activation='Swish')
