"""RTMDet-L around RegNetY-4.0GF on COCO, 300 epochs from random weights: a detector of 2022.

AP: not published. With mmdet's backbone for it, CSPNeXt-L, also from random weights, RTMDet-L has a box AP of 51.3.
"""

_base_ = ['mmdet::rtmdet/rtmdet_l_8xb32-300e_coco.py', '../_base_/models/regnet_random_weights.py']

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(_delete_=True, **_base_.regnet, arch='regnety_4.0gf', out_indices=(1, 2, 3)),
    neck=dict(in_channels=[192, 512, 1088]),
)
auto_scale_lr = dict(
    base_batch_size=256
)  # mmdet's config says 16, but its rate is that of 8 GPUs of 32 images
