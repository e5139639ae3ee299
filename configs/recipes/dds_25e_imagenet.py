"""The recipe of section 4 for a population on ImageNet: 25 epochs at twice the rate (figures 11 to 14)."""

_base_ = 'dds_10e_imagenet.py'

optim_wrapper = dict(optimizer=dict(lr=0.1))
train_cfg = dict(max_epochs=25)
