"""scikit-learn's digits at 32x32, in memory: no workers, no augmentation, so that a run is repeated bit for bit."""

dataset_type = 'regnet_plugin.Digits'

data_preprocessor = dict(num_classes=10, mean=[80.0] * 3, std=[90.0] * 3, to_rgb=False)

train_dataloader = dict(
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        type=dataset_type,
        split='train',
        image_size=32,
        pipeline=[dict(type='mmpretrain.PackInputs')],
    ),
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=120,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        type=dataset_type,
        split='test',
        image_size=32,
        pipeline=[dict(type='mmpretrain.PackInputs')],
    ),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
val_evaluator = dict(type='Accuracy', topk=(1,))
test_dataloader = val_dataloader
test_evaluator = val_evaluator
