"""A resumed training ends bit for bit as one that was not interrupted.

It is so whatever of it MMEngine does not keep.
"""

import shutil

import pytest
import torch
from killing import ROOT
from tiny_training import train_here

from regnet_plugin.population.runs.results import read_result
from regnet_plugin.training.outcome.history import read_history

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
# stops after epoch 4
PATIENT = "dict(type='EarlyStoppingHook', monitor='accuracy/top1', min_delta=200.0, patience=3)"
AVERAGED = "dict(type='EMAHook', momentum=0.1)"
BY_EPOCH = f"""
_base_ = {str(DIGITS)!r}
augmented = [dict(type='RandomCrop', crop_size=32, padding=4), dict(type='PackInputs')]
train_dataloader = dict(dataset=dict(indices=192, pipeline=augmented))
val_dataloader = dict(dataset=dict(indices=64))
model = dict(backbone=dict(drop_path_rate=0.5))
optim_wrapper = dict(accumulative_counts=2)
train_cfg = dict(max_epochs=6)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(save_best=None))
custom_hooks = [{PATIENT}, {AVERAGED}]
"""
BY_ITERATION = f"""
_base_ = {str(DIGITS)!r}
train_dataloader = dict(dataset=dict(indices=192), sampler=dict(type='InfiniteSampler'))
val_dataloader = dict(dataset=dict(indices=64))
optim_wrapper = dict(accumulative_counts=2)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=False)]
train_cfg = dict(_delete_=True, type='IterBasedTrainLoop', max_iters=7, val_interval=4)
checkpoint = dict(by_epoch=False, interval=3, save_best=None, max_keep_ckpts=3)
default_hooks = dict(logger=dict(interval=1), checkpoint=checkpoint)
custom_hooks = [
    dict(type='regnet_plugin.ResultHook', network='000000', recipe='whole', recipe_digest='',
         complexity=dict())]
"""


def whole_and_resumed(tmp_path, text, checkpoint):
    """Train; train again from one of the checkpoints; return the folders."""
    config = tmp_path / 'config.py'
    config.write_text(text)
    whole = train_here(config, tmp_path / 'whole/000000-0')
    resumed = tmp_path / 'resumed/000000-0'
    resumed.mkdir(parents=True)
    return whole, train_here(config, resumed, '--resume', shutil.copy(whole / checkpoint, resumed))


def loaded(path):
    return torch.load(path, weights_only=False)  # written by this very test


def check_equal(one, other):
    for part in ('state_dict', 'ema_state_dict'):
        assert one.get(part, {}).keys() == other.get(part, {}).keys()
        assert all(
            torch.equal(value, other[part][name]) for name, value in one.get(part, {}).items()
        ), part
    momenta = [
        [state['momentum_buffer'] for state in run['optimizer']['state'].values()]
        for run in (one, other)
    ]
    assert all(torch.equal(*pair) for pair in zip(*momenta))


def test_accumulated_gradients_early_stopping_and_chance(tmp_path):
    """192 images are 3 batches, of which 2 make a step: one is left at the end of an odd epoch."""
    whole, resumed = whole_and_resumed(tmp_path, BY_EPOCH, 'epoch_3.pth')
    found = [
        sorted(path.name for path in folder.glob('epoch_*.pth')) for folder in (whole, resumed)
    ]
    assert found == [['epoch_3.pth', 'epoch_4.pth']] * 2  # two are kept
    check_equal(*(loaded(folder / 'epoch_4.pth') for folder in (whole, resumed)))
    losses, other = (read_history(folder).training for folder in (whole, resumed))
    assert [row['loss'] for row in losses[9:]] == [row['loss'] for row in other] and len(other) == 3


@pytest.mark.parametrize(
    'checkpoint', ['iter_3.pth', pytest.param('iter_6.pth', marks=pytest.mark.acceptance)]
)
def test_a_checkpoint_between_two_evaluations(tmp_path, checkpoint):
    folders = whole_and_resumed(tmp_path, BY_ITERATION, checkpoint)
    check_equal(*(loaded(folder / 'iter_7.pth') for folder in folders))
    whole, resumed = map(read_result, folders)
    assert whole.curve == resumed.curve and [row['epoch'] for row in whole.curve] == [4, 7]
    assert all(row['loss'] > 0 for row in whole.curve)


def test_evaluations_are_due_where_their_interval_has_changed(tmp_path):
    """Evaluations are due every second epoch, and from the third on each.

    A training that goes on from the third evaluates it first.
    """
    text = BY_EPOCH.replace(
        'max_epochs=6', 'max_epochs=4, val_interval=2, dynamic_intervals=[(3, 1)]'
    ).replace(PATIENT, '')
    whole, resumed = whole_and_resumed(tmp_path, text.replace('[, ', '['), 'epoch_3.pth')
    steps = [
        [row['step'] for row in read_history(folder).validation] for folder in (whole, resumed)
    ]
    assert steps == [[2, 3, 4], [3, 4]]
