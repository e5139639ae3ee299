"""A miniature of study.py: its six design steps with 8 networks each, trained for half as long; about a quarter of an hour on two cores."""

_base_ = 'study.py'

_settings = {'train_cfg.max_epochs': 1, 'train_cfg.val_interval': 1}
parts = [dict(part, size=8, settings=_settings, latency=False) for part in _base_.parts[:6]]
looks = None
selection = None
