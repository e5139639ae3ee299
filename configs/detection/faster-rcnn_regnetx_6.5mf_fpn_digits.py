"""Faster R-CNN on digits on photographs (docs/how_to/detection.md): a detector trained from random weights in minutes.

The network of regnetx_6.5mf_digits.py, here with stride 2 in the first stage; neck and heads are narrow. Digits are
10 to 40 pixels in size (root of the area), which the anchors of the first three levels cover, and about 1.6 times as
high as wide.

Result: box AP 0.41 and 0.43, AP50 0.68 on the 100 images for validation; 0.29 s per iteration of two idle CPU cores.
"""

_base_ = [
    'mmdet::_base_/models/faster-rcnn_r50_fpn.py',
    'mmdet::_base_/default_runtime.py',
    '../_base_/datasets/digit_detection.py',
]

width = 64
model = dict(
    backbone=dict(
        _delete_=True,
        type='regnet_plugin.RegNet',
        arch=dict(depth=8, w_0=24, w_a=24, w_m=2.25, group_width=8),
    ),
    neck=dict(
        in_channels=[24, 56, 120, 272], out_channels=width, num_outs=4, norm_cfg=dict(type='BN')
    ),
    rpn_head=dict(
        in_channels=width,
        feat_channels=width,
        anchor_generator=dict(
            _delete_=True,
            type='AnchorGenerator',
            octave_base_scale=2.5,
            scales_per_octave=3,
            ratios=[1.6],
            strides=[4, 8, 16, 32],
        ),
    ),
    roi_head=dict(
        bbox_roi_extractor=dict(roi_layer=dict(sampling_ratio=2), out_channels=width),
        bbox_head=dict(
            in_channels=width, fc_out_channels=256, num_classes=10, reg_class_agnostic=True
        ),
    ),
    train_cfg=dict(
        rpn=dict(sampler=dict(num=64)),
        rpn_proposal=dict(nms_pre=200, max_per_img=100),
        rcnn=dict(sampler=dict(num=32, pos_fraction=0.5)),
    ),
    test_cfg=dict(rpn=dict(nms_pre=200, max_per_img=100), rcnn=dict(max_per_img=20)),
)

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.003, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(
        type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True
    ),  # ends with the training
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(base_batch_size=8, enable=False)

# MMEngine removes an old checkpoint before it writes the new one: with fewer than two, a kill in between loses both.
default_hooks = dict(
    logger=dict(interval=10), checkpoint=dict(max_keep_ckpts=2, save_best='coco/bbox_mAP_50')
)
randomness = dict(seed=0)
