"""RegNetX constrained, with the resolution drawn (figure 14); the paper gives no values, these are ours."""

_base_ = 'regnetx_constrained.py'
design_space = dict(resolution=[128, 160, 192, 224, 256, 288, 320, 384, 448])
