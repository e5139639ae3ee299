"""RegNetY-3.2GF on ImageNet, torchvision's recipe of 2021, 600 epochs: 3.2 GF, 19.4 M parameters, 11.3 M activations.

Top-1 error 18.0 of torchvision's weights IMAGENET1K_V2, from this recipe; 21.0 in the paper, from the basic one.
"""

_base_ = '_base_/regnet_modern_8xb128.py'

model = dict(backbone=dict(arch='regnety_3.2gf'), head=dict(in_channels=1512))
