"""A small RegNetX on Fashion-MNIST: regnetx_6.5mf_digits.py at 28x28 pixels, with flips and shifts, and other epochs.

5.7 MF, 0.34 M parameters, 0.09 M activations at 28x28 and 10 classes.
"""

_base_ = ['_base_/datasets/fashion.py', '_base_/default_runtime.py']

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
        num_classes=10,
        in_channels=272,
        loss=dict(type='LabelSmoothLoss', label_smooth_val=0.1, mode='original'),
        topk=(1,),
    ),
)

train_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    dataset=dict(
        pipeline=[
            dict(type='RandomFlip', prob=0.5, direction='horizontal'),
            dict(type='RandomCrop', crop_size=28, padding=2),
            dict(type='PackInputs'),
        ]
    ),
)

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.2, momentum=0.9, nesterov=True, weight_decay=5e-4)
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=1, by_epoch=True, convert_to_iter_based=True),
    dict(
        type='CosineAnnealingLR', begin=1, by_epoch=True, convert_to_iter_based=True
    ),  # ends with the training
]
train_cfg = dict(by_epoch=True, max_epochs=15, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=128, enable=False)

default_hooks = dict(checkpoint=dict(save_best='accuracy/top1'))
