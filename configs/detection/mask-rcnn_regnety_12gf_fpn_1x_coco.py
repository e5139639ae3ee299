"""Mask R-CNN with FPN and RegNetY-12GF on COCO, 12 epochs (1x) from the authors' ImageNet weights.

AP: not published. The recipe is that of mask-rcnn_regnetx_12gf_fpn_1x_coco.py.
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    '../_base_/models/regnet_authors_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnety_12gf',
        init_cfg=dict(type='Pretrained', checkpoint='pycls://RegNetY-12GF'),
    ),
    neck=dict(in_channels=[224, 448, 896, 2240]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
