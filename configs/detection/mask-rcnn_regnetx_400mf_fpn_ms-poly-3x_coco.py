"""Mask R-CNN with FPN and RegNetX-400MF on COCO, 36 epochs (3x) of several scales from ImageNet weights.

Box AP 37.6, mask AP 34.4 of mmdet's config, which feeds RGB images to weights that were trained on BGR ones.
Here they get BGR images: what this config gives is not published.
"""

_base_ = [
    'mmdet::mask_rcnn/mask-rcnn_r50_fpn_ms-poly-3x_coco.py',
    '../_base_/models/regnet_openmmlab_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnetx_400mf',
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://regnetx_400mf'),
    ),
    neck=dict(in_channels=[32, 64, 160, 384]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5), clip_grad=dict(max_norm=35, norm_type=2))
