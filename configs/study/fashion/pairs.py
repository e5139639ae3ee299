"""The recipe of the study's populations: pairs of garments, plain cross-entropy, as in section 3 of the paper.

Epochs, rate, batch and warm-up are those that the pilot begins with; docs/study/fashion/pilot/introduction.md says how they are chosen.
"""

_base_ = '../../regnetx_9.6mf_fashion_pairs.py'

param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True),  # from the first step on
]
train_cfg = dict(max_epochs=2, val_interval=2)  # 375 steps an epoch; tested once, at the end
default_hooks = dict(logger=dict(interval=75), checkpoint=dict(save_best=None))
