"""RegNetY-16GF on ImageNet, torchvision's recipe of 2021, 600 epochs: 15.9 GF, 83.6 M parameters, 23.0 M activations.

Top-1 error 17.1 of torchvision's weights IMAGENET1K_V2, from this recipe; 19.6 in the paper, from the basic one.
"""

_base_ = '_base_/regnet_modern_8xb128.py'

model = dict(backbone=dict(arch='regnety_16gf'), head=dict(in_channels=3024))
