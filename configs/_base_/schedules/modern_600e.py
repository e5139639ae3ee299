"""torchvision's schedule of 2021 for 8 GPUs of 128 images: 600 epochs, warm-up of 5 epochs, then half-period cosine.

Learning rate in epoch t, set once per epoch: lr * (0.01 + 0.99 t / 5) if t < 5, else lr * 0.5 (1 + cos(pi (t - 5) / 595)).
Scales and shifts of normalization are not decayed. After the warm-up the weights are averaged, every 32 steps with the decay
1 - (1 - 0.99998) * 1024 * 32 / 600: torchvision's script multiplies by batch times steps over epochs.
"""

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.5, momentum=0.9, weight_decay=2e-5),
    paramwise_cfg=dict(norm_decay_mult=0.0),
)
param_scheduler = [
    dict(
        type='LinearLR', start_factor=0.01, by_epoch=True, begin=0, end=6
    ),  # reaches 1 one step before its end
    dict(type='CosineAnnealingLR', T_max=595, by_epoch=True, begin=5, end=600),
]
train_cfg = dict(by_epoch=True, max_epochs=600, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=1024, enable=False)

custom_hooks = [
    # Averages from the sixth epoch on; the averaged network is the one that is validated and saved.
    dict(
        type='EMAHook',
        momentum=2e-5 * 1024 * 32 / 600,
        interval=32,
        update_buffers=True,
        begin_epoch=6,
    )
]
