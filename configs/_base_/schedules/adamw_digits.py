"""Ten epochs of AdamW for small networks on the digits: what the bases of configs/_base_/varied/ train with."""

optim_wrapper = dict(optimizer=dict(type='AdamW', lr=4e-3, weight_decay=0.05))
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]  # over train_cfg.max_epochs
train_cfg = dict(by_epoch=True, max_epochs=10, val_interval=1)
val_cfg = dict()
test_cfg = dict()
