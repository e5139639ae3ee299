"""Faster R-CNN with FPN and RegNetX-3.2GF on COCO, 24 epochs (2x) from ImageNet weights.

Box AP 41.1 of mmdet's own RegNet with this recipe.
"""

_base_ = [
    'mmdet::faster_rcnn/faster-rcnn_r50_fpn_2x_coco.py',
    '../_base_/models/regnet_openmmlab_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnetx_3.2gf',
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://regnetx_3.2gf'),
    ),
    neck=dict(in_channels=[96, 192, 432, 1008]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
