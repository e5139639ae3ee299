"""RegNetX constrained in the study on Fashion-MNIST: regnetx.py with b = 1, w_m >= 2 and d <= 20, half of the paper's 40.

The limits on parameters and activations, which the paper takes from its fits, are left out: those of its authors' code bind
nothing in networks as small as these.
"""

_base_ = 'regnetx.py'
design_space = dict(depth=dict(below=None, high=20), w_m=dict(low=2), bottleneck_ratio=1)
