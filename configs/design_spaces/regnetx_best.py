"""The space of the best networks of section 5: RegNetX constrained, 12 <= d <= 28; at 3.2 GF 16 <= g <= 64 (appendix D).

Other regimes have other group widths; the published networks have 8 to 24 up to 1.6 GF, 40 to 72 up to 6.4 GF, 56 to 120 up to
12 GF and up to 232 at 32 GF. The paper gives the range of 3.2 GF only. Above 16 GF w_0 and w_a have to reach further as well.
"""

_base_ = 'regnetx_constrained.py'
design_space = dict(depth=dict(low=12, high=28), group_width=dict(low=16, high=64))
