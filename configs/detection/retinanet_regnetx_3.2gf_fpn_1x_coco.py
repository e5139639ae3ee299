"""RetinaNet with FPN and RegNetX-3.2GF on COCO, 12 epochs (1x) from ImageNet weights.

Box AP 39.1 of mmdet's own RegNet with this recipe.
"""

_base_ = [
    'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py',
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
optim_wrapper = dict(
    optimizer=dict(lr=0.02, weight_decay=5e-5), clip_grad=dict(max_norm=35, norm_type=2)
)
