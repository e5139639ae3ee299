"""A small RegNetX on pairs of garments that overlap, 36x36 pixels and 100 classes: the network of regnetx_5.7mf_fashion.py.

9.6 MF, 0.37 M parameters, 0.15 M activations at 36x36 and 100 classes.
"""

_base_ = ['_base_/datasets/fashion_pairs.py', '_base_/default_runtime.py']

model = dict(
    type='ImageClassifier',
    backbone=dict(
        type='regnet_plugin.RegNet',
        arch=dict(depth=8, w_0=24, w_a=24, w_m=2.25, group_width=8),
        strides=(1, 2, 2, 2),
        out_indices=(3,),
    ),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='LinearClsHead',
        num_classes=100,
        in_channels=272,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
        topk=(1,),
    ),
)

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=1, by_epoch=True, convert_to_iter_based=True),
    dict(
        type='CosineAnnealingLR', begin=1, by_epoch=True, convert_to_iter_based=True
    ),  # ends with the training
]
train_cfg = dict(by_epoch=True, max_epochs=8, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=64, enable=False)
