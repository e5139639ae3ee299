"""Faster R-CNN with FPN and RegNetY-400MF on COCO, 36 epochs (3x) of several scales from the authors' ImageNet weights.

AP: not published. The recipe is that of faster-rcnn_regnetx_400mf_fpn_ms-3x_coco.py.
"""

_base_ = [
    'mmdet::faster_rcnn/faster-rcnn_r50_fpn_ms-3x_coco.py',
    '../_base_/models/regnet_authors_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnety_400mf',
        init_cfg=dict(type='Pretrained', checkpoint='pycls://RegNetY-400MF'),
    ),
    neck=dict(in_channels=[48, 104, 208, 440]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
