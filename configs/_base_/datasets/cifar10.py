"""CIFAR-10 as the paper's authors train and test on it: 4 pixels of mean colour around, crop of 32, flip.

``data/cifar10`` holds ``cifar-10-batches-py``, the folder in cifar-10-python.tar.gz. Nothing is downloaded. The images are
RGB.
"""

data_preprocessor = dict(
    num_classes=10, mean=[125.3, 123.0, 113.9], std=[63.0, 62.1, 66.7], to_rgb=False
)

train_pipeline = [
    # The authors pad with 0 after subtracting the mean.
    dict(type='RandomCrop', crop_size=32, padding=4, pad_val=(125, 123, 114)),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]

train_dataloader = dict(
    batch_size=128,
    num_workers=4,
    drop_last=True,
    dataset=dict(
        type='CIFAR10',
        data_root='data/cifar10',
        split='train',
        download=False,
        pipeline=train_pipeline,
    ),
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=200,
    num_workers=4,
    dataset=dict(
        type='CIFAR10',
        data_root='data/cifar10',
        split='test',
        download=False,
        pipeline=[dict(type='PackInputs')],
    ),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
val_evaluator = dict(type='Accuracy', topk=(1,))
test_dataloader = val_dataloader
test_evaluator = val_evaluator
