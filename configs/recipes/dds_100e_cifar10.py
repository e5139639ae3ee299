"""A population on CIFAR-10: as dds_10e_cifar10.py, but 100 epochs."""

_base_ = 'dds_10e_cifar10.py'

train_cfg = dict(max_epochs=100)
