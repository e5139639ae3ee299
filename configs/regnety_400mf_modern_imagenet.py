"""RegNetY-400MF on ImageNet, torchvision's recipe of 2021, 600 epochs: 0.4 GF, 4.3 M parameters, 3.9 M activations.

Top-1 error 24.2 of torchvision's weights IMAGENET1K_V2, from this recipe; 25.9 in the paper, from the basic one.
"""

_base_ = '_base_/regnet_modern_8xb128.py'

model = dict(backbone=dict(arch='regnety_400mf'), head=dict(in_channels=440))
