"""RegNetZ (Dollar et al., CVPR 2021): RegNetX with inverted bottlenecks, b = 1/4, SE, SiLU and a conv before pooling.

Ranges are RegNetX's, and the conv's 1024 channels those of timm's RegNetZ-500MF: the authors printed neither.
"""

_base_ = 'regnetx.py'
design_space = dict(block='Z', bottleneck_ratio=[0.25], head_width=1024)
