"""A population on CIFAR-10: the 10 epochs of section 3 with the settings of 2019 for CIFAR-10, on one GPU.

The paper trains no population on CIFAR-10. Rate 0.1 and weight decay 5e-4 are what 2019 has there where ImageNet has
0.05 and 5e-5; they stay for 25 and 100 epochs, since good settings do not depend on the length (figure 21). No
warm-up: the batch of 128 needs none. By itself it trains the network of regnetx_120mf_cifar10.py; nobody has trained
it here.
"""

_base_ = '../regnetx_120mf_cifar10.py'

param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=True)]  # over train_cfg.max_epochs
train_cfg = dict(max_epochs=10)
