"""pairs.py on single garments: 12,000 of 28x28 pixels to train with and 5,000 to test on, ten classes; a candidate of the pilot."""

_base_ = ['../../regnetx_5.7mf_fashion.py']

model = dict(head=dict(loss=dict(_delete_=True, type='CrossEntropyLoss', loss_weight=1.0)))
train_dataloader = dict(
    batch_size=64,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(indices=12000, pipeline=[]),
)
val_dataloader = dict(dataset=dict(indices=5000))
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),  # from the first step on
]
train_cfg = dict(max_epochs=4, val_interval=4)  # 187 steps an epoch
default_hooks = dict(logger=dict(interval=187), checkpoint=dict(save_best=None))
