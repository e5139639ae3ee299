"""The schedule of section 3 for one GPU of 128 images: 10 epochs, half-period cosine from 0.05, no warm-up.

Learning rate in epoch t of T, set once per epoch: lr * 0.5 (1 + cos(pi t / T)), with T what train_cfg.max_epochs
says. What the paper leaves open is that of section 5, as the authors' code has one default for all: Nesterov, weight
decay on everything, BN's statistics made precise (0.6% of ImageNet per epoch, forward only).
"""

_base_ = 'dds_100e.py'

optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]
train_cfg = dict(max_epochs=10)
auto_scale_lr = dict(base_batch_size=128)
