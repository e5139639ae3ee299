"""RegNetY of the study on Fashion-MNIST: regnetx.py with squeeze-and-excitation."""

_base_ = 'regnetx.py'
design_space = dict(block='Y')
