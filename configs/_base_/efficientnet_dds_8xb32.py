"""An EfficientNet with the recipe of table 4 (the authors' configs): RegNet's at a batch of 256, but no warm-up, a rate of
0.2 per 128 images and a weight decay of 1e-5; no DropPath, no dropout.

The test image's short side is 8/7 of the crop, rounded to an even number, as 256 is of 224.
"""

_base_ = 'regnet_dds_8xb32.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='EfficientNet',
        # As the authors train it; mmpretrain's defaults are those of the weights converted from TensorFlow.
        conv_cfg=None,
        norm_cfg=dict(type='BN'),
    )
)
optim_wrapper = dict(optimizer=dict(lr=0.4, weight_decay=1e-5))
param_scheduler = _base_.param_scheduler[:1]  # the cosine
