"""The enhanced recipe of the study: half as many epochs again as short.py, warm-up and label smoothing."""
_base_ = 'short.py'

model = dict(head=dict(loss=dict(_delete_=True, type='LabelSmoothLoss', label_smooth_val=0.1, mode='original')))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=1, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=1, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=6, val_interval=6)
