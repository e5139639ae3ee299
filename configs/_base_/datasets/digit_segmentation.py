"""Digits on photographs as maps of 11 classes, made on first use; no workers, no augmentation, so that a run is repeated bit for bit."""

dataset_type = 'regnet_plugin.DigitSegmentation'
data_root = 'data/digit_detection'

pipeline = [dict(type='LoadImageFromFile'), dict(type='PackSegInputs')]  # images and maps are 160x160

train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(type=dataset_type, split='train', data_root=data_root, pipeline=pipeline),
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=10,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(type=dataset_type, split='val', data_root=data_root, test_mode=True, pipeline=pipeline),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
val_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_dataloader = val_dataloader
test_evaluator = val_evaluator
