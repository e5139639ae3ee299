"""The enhanced recipe of the study: half as many epochs again as short.py, and label smoothing."""

_base_ = 'short.py'

model = dict(
    head=dict(
        loss=dict(_delete_=True, type='LabelSmoothLoss', label_smooth_val=0.1, mode='original')
    )
)
train_cfg = dict(max_epochs=6, val_interval=6)
