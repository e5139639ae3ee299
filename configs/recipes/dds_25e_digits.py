"""A population on the digits: as dds_10e_digits.py, but 25 epochs; 98.3% and 98.9% with two seeds, in a minute."""

_base_ = 'dds_10e_digits.py'

train_cfg = dict(max_epochs=25)
