"""A ResNet or ResNeXt with the recipe of table 3: RegNet's at a batch of 256, without warm-up (the authors' configs)."""

_base_ = 'regnet_dds_8xb32.py'

model = dict(
    backbone=dict(
        _delete_=True, type='ResNet', zero_init_residual=False
    ),  # mmpretrain's default is True, the authors' False
    head=dict(in_channels=2048),
)
param_scheduler = _base_.param_scheduler[:1]  # the cosine
