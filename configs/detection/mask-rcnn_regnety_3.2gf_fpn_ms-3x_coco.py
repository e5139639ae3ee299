"""Mask R-CNN with FPN and RegNetY-3.2GF on COCO, 36 epochs (3x) of several scales from the authors' ImageNet weights.

AP: not published. The recipe is that of mask-rcnn_regnetx_3.2gf_fpn_ms-3x_coco.py.
"""

_base_ = [
    'mmdet::regnet/mask-rcnn_regnetx-3.2GF_fpn_ms-3x_coco.py',
    '../_base_/models/regnet_authors_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnety_3.2gf',
        init_cfg=dict(type='Pretrained', checkpoint='pycls://RegNetY-3.2GF'),
    ),
    neck=dict(in_channels=[72, 216, 576, 1512]),
)
