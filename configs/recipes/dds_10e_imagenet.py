"""The recipe of section 3 for a population on ImageNet: 10 epochs on one GPU.

Figures 2 and 5 to 9 are of 500 networks of 360 to 400 MF; a hundred cost as much as one ResNet-50 of 4 GF for 100
epochs. By itself it trains RegNetX-400MF; the paper prints no error of one network after 10 epochs.
"""

_base_ = [
    '../_base_/models/regnet_imagenet.py',
    '../_base_/datasets/imagenet_dds.py',
    '../_base_/schedules/dds_10e.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(arch='regnetx_400mf'), head=dict(in_channels=384))
