"""The space of the best networks of section 5: RegNetY constrained, 12 <= d <= 28; at 3.2 GF 16 <= g <= 64 (appendix D)."""

_base_ = 'regnetx_best.py'
design_space = dict(block='Y')
