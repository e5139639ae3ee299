"""Mask R-CNN with FPN and RegNetX-3.2GF (mdconv c3-c5) on COCO, 12 epochs (1x) from ImageNet weights.

Modulated deformable convs in the last three stages. AP: not published. mmdet's table says 40.3 and 36.6, but its whole
row is that of the network without them, so probably a copy.
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
        arch='regnetx_3.2gf',
        dcn=dict(type='DCNv2', deform_groups=1, fallback_on_stride=False),
        stage_with_dcn=(False, True, True, True),
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://regnetx_3.2gf'),
    ),
    neck=dict(in_channels=[96, 192, 432, 1008]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
