"""RetinaNet with FPN and RegNetY-3.2GF on COCO, 12 epochs (1x) from the authors' ImageNet weights.

AP: not published. The recipe is that of retinanet_regnetx_3.2gf_fpn_1x_coco.py.
"""

_base_ = [
    'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py',
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
optim_wrapper = dict(
    optimizer=dict(lr=0.02, weight_decay=5e-5), clip_grad=dict(max_norm=35, norm_type=2)
)
