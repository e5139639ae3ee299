"""Mask R-CNN with FPN and RegNetX-8.0GF on COCO, 12 epochs (1x) from ImageNet weights.

Box AP 41.7, mask AP 37.5 of mmdet's own RegNet with this recipe.
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
        arch='regnetx_8.0gf',
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://regnetx_8.0gf'),
    ),
    neck=dict(in_channels=[80, 240, 720, 1920]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
