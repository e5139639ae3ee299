"""The enhanced recipe of the study on Fashion-MNIST: twice the epochs of pairs.py, and label smoothing."""

_base_ = 'pairs.py'

model = dict(
    head=dict(
        loss=dict(_delete_=True, type='LabelSmoothLoss', label_smooth_val=0.1, mode='original')
    )
)
train_cfg = dict(max_epochs=4, val_interval=4)
