"""The recipe of the network that was found, and of those beside it: that of enhanced.py, but ten times the epochs of pairs.py."""

_base_ = 'enhanced.py'

train_cfg = dict(max_epochs=20, val_interval=20)
