"""The schedule of section 5 for 8 GPUs of 128 images: 100 epochs, half-period cosine times a warm-up of 5 epochs.

Learning rate in epoch t, set once per epoch: lr * 0.5 (1 + cos(pi t / 100)) * (0.1 + 0.9 t / 5 if t < 5 else 1). MMEngine's
schedulers multiply what they find, so two that both begin at 0 give the product; LinearLR reaches 1 one step before its end.
The rate is 0.1 per 128 images. Weight decay is on everything, scales and biases included (the authors' code). With fewer GPUs:
--auto-scale-lr, or gradient accumulation by optim_wrapper.accumulative_counts.
"""

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.8, momentum=0.9, nesterov=True, weight_decay=5e-5)
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=100, by_epoch=True, begin=0, end=100),
    dict(type='LinearLR', start_factor=0.1, by_epoch=True, begin=0, end=6),
]
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=1024, enable=False)

custom_hooks = [
    # Statistics of BN over 8,192 images at the end of each epoch; before the checkpoint is written.
    dict(type='PreciseBNHook', num_samples=8192, interval=1, priority='ABOVE_NORMAL')
]
