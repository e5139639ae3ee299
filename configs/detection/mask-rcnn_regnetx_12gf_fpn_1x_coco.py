"""Mask R-CNN with FPN and RegNetX-12GF on COCO, 12 epochs (1x) from ImageNet weights.

Box AP 42.2, mask AP 38.0 of mmdet's own RegNet with this recipe.
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_1x_coco.py',
    '../_base_/models/regnet_openmmlab_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnetx_12gf',
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://regnetx_12gf'),
    ),
    neck=dict(in_channels=[224, 448, 896, 2240]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
