"""EfficientNet-B0 on ImageNet, 100 epochs, table 4, 224x224: 0.4 GF, 5.3 M parameters, 6.7 M activations.

Top-1 error 24.9 ± 0.03 in the paper (mean and deviation of 5 trainings); 23.7 as originally reported.
"""

_base_ = '../_base_/efficientnet_dds_8xb32.py'

model = dict(backbone=dict(arch='b0'), head=dict(in_channels=1280))
