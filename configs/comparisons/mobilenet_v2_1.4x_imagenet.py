"""MobileNet-V2 1.4x on ImageNet, 100 epochs: 0.58 GF, 6.1 M parameters, 9.6 M activations.

Top-1 error 25.3 as originally reported (table 2), with another recipe; table 2 also quotes 0.59 GF and 6.9 M parameters.
"""

_base_ = '../_base_/mobile_dds_8xb128.py'

model = dict(backbone=dict(type='MobileNetV2', widen_factor=1.4), head=dict(in_channels=1792))
