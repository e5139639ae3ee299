"""Cascade Mask R-CNN with FPN and RegNetY-4.0GF on COCO, 36 epochs (3x) of several scales from the authors' ImageNet weights.

AP: not published. The recipe is that of cascade-mask-rcnn_regnetx_4.0gf_fpn_ms-3x_coco.py.
"""

_base_ = [
    'mmdet::cascade_rcnn/cascade-mask-rcnn_r50_fpn_ms-3x_coco.py',
    '../_base_/models/regnet_authors_weights.py',
]

model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(
        _delete_=True,
        **_base_.regnet,
        arch='regnety_4.0gf',
        init_cfg=dict(type='Pretrained', checkpoint='pycls://RegNetY-4.0GF'),
    ),
    neck=dict(in_channels=[128, 192, 512, 1088]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
val_evaluator = dict(metric=['bbox', 'segm'])  # mmdet's base evaluates boxes alone
test_evaluator = val_evaluator
