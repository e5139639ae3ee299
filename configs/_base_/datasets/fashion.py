"""Fashion-MNIST, in memory: 60,000 garments of 28x28 pixels to train with and 10,000 to test on; no workers, no augmentation.

Found in data/fashion-mnist or where Debian's package dataset-fashion-mnist puts it, else downloaded; see docs/how_to/fashion_mnist.md.
"""

dataset_type = 'regnet_plugin.FashionMNIST'

data_preprocessor = dict(num_classes=10, mean=[73.0] * 3, std=[90.0] * 3, to_rgb=False)

train_dataloader = dict(
    batch_size=128,
    num_workers=0,
    persistent_workers=False,
    drop_last=True,
    collate_fn=dict(type='regnet_plugin.whole_batch'),
    dataset=dict(type=dataset_type, split='train'),
    sampler=dict(type='DefaultSampler', shuffle=True),
)
val_dataloader = dict(
    batch_size=250,
    num_workers=0,
    persistent_workers=False,
    collate_fn=dict(type='regnet_plugin.whole_batch'),
    dataset=dict(type=dataset_type, split='test'),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
val_evaluator = dict(type='Accuracy', topk=(1,))
test_dataloader = dict(  # image by image, as tools/predict.py takes them
    batch_size=250,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(type=dataset_type, split='test', pipeline=[dict(type='mmpretrain.PackInputs')]),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
test_evaluator = val_evaluator
