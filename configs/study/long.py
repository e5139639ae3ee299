"""The recipe of the networks that were found: that of enhanced.py, but 100 epochs."""
_base_ = 'enhanced.py'

train_cfg = dict(max_epochs=100, val_interval=100)
