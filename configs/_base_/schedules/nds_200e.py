"""The authors' schedule for CIFAR-10, from the work of 2019: one GPU with 128 images, 200 epochs, half-period cosine.

The learning rate is set once per epoch. Weight decay is on everything.
"""

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
)
param_scheduler = [dict(type='CosineAnnealingLR', T_max=200, by_epoch=True, begin=0, end=200)]
train_cfg = dict(by_epoch=True, max_epochs=200, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=128, enable=False)

custom_hooks = [
    # Statistics of BN over 1,024 images at the end of each epoch; before the checkpoint is written.
    dict(type='PreciseBNHook', num_samples=1024, interval=1, priority='ABOVE_NORMAL')
]
