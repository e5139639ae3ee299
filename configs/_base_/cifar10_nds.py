"""A network for CIFAR-10 with the recipe of the work of 2019, on one GPU."""

_base_ = [
    'models/classifier.py',
    'datasets/cifar10.py',
    'schedules/nds_200e.py',
    'default_runtime.py',
]

model = dict(
    # Three stages behind CIFAR's stem (3x3, stride 1): maps of 32, 16 and 8.
    backbone=dict(stem='cifar', stem_width=16, strides=(1, 2, 2), out_indices=(2,)),
    head=dict(num_classes=10, topk=(1,)),
)
