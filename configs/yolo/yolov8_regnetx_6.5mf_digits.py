"""YOLOv8 on digits on photographs (docs/how_to/yolo.md): mmyolo's neck, head and assignment on a RegNet, from random weights.

The network of regnetx_6.5mf_digits.py with stride 2 in the first stage; neck and head have its widths.
"""

_base_ = '../_base_/datasets/digit_detection.py'

default_scope = 'mmyolo'
custom_imports = dict(imports=['mmyolo_beside_newer_mmcv'])  # of examples/

widths = [56, 120, 272]
strides = [8, 16, 32]
num_classes = 10
act_cfg = dict(type='SiLU', inplace=True)
model = dict(
    type='YOLODetector',
    data_preprocessor=dict(
        type='YOLOv5DetDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True
    ),
    backbone=dict(
        type='regnet_plugin.RegNet',
        arch=dict(depth=8, w_0=24, w_a=24, w_m=2.25, group_width=8),
        out_indices=(1, 2, 3),
    ),
    neck=dict(type='YOLOv8PAFPN', in_channels=widths, out_channels=widths, num_csp_blocks=1, act_cfg=act_cfg),
    bbox_head=dict(
        type='YOLOv8Head',
        head_module=dict(
            type='YOLOv8HeadModule',
            num_classes=num_classes,
            in_channels=widths,
            reg_max=16,
            act_cfg=act_cfg,
            featmap_strides=strides,
        ),
        prior_generator=dict(type='mmdet.MlvlPointGenerator', offset=0.5, strides=strides),
        bbox_coder=dict(type='DistancePointBBoxCoder'),
        loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=True, reduction='none', loss_weight=0.5),
        loss_bbox=dict(
            type='IoULoss', iou_mode='ciou', bbox_format='xyxy', reduction='sum', loss_weight=7.5, return_iou=False
        ),
        loss_dfl=dict(type='mmdet.DistributionFocalLoss', reduction='mean', loss_weight=0.375),
    ),
    train_cfg=dict(
        assigner=dict(
            type='BatchTaskAlignedAssigner',
            num_classes=num_classes,
            use_ciou=True,
            topk=10,
            alpha=0.5,
            beta=6.0,
            eps=1e-9,
        )
    ),
    test_cfg=dict(
        multi_label=True, nms_pre=1000, score_thr=0.001, nms=dict(type='nms', iou_threshold=0.7), max_per_img=20
    ),
)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='mmdet.LoadAnnotations', with_bbox=True),
    dict(type='mmdet.PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape')),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='mmdet.Resize', scale=(160, 160), keep_ratio=True),
    dict(type='mmdet.LoadAnnotations', with_bbox=True),
    dict(type='mmdet.PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')),
]
train_dataloader = dict(collate_fn=dict(type='yolov5_collate'), dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
val_evaluator = dict(type='mmdet.CocoMetric')
test_dataloader = val_dataloader
test_evaluator = val_evaluator

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.002, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=20, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),  # ends with the training
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(base_batch_size=8, enable=False)

# MMEngine removes an old checkpoint before it writes the new one: with fewer than two, a kill in between loses both.
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=10),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='coco/bbox_mAP_50'),
    visualization=dict(type='mmdet.DetVisualizationHook'),
)
visualizer = dict(type='mmdet.DetLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
randomness = dict(seed=0)
