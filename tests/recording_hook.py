"""Hooks that record what every iteration trained on, and that keep a state.

Others kill the process or let it hang.
"""

import json
import os
import signal
import time
from pathlib import Path

import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS


@HOOKS.register_module()
class RecordingHook(Hook):
    """Appends a line per iteration to ``<work dir>/order.jsonl``.

    Those of rank r > 0 are in ``order-r.jsonl``.
    """

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        row = dict(
            epoch=runner.epoch,
            iter=runner.iter,
            lr=runner.optim_wrapper.get_lr()['lr'],
            loss=outputs['loss'].item(),
            images=[sample.sample_idx for sample in data_batch['data_samples']],
        )
        name = f'order-{runner.rank}.jsonl' if runner.rank else 'order.jsonl'
        with open(Path(runner.work_dir) / name, 'a') as file:
            file.write(json.dumps(row) + '\n')


@HOOKS.register_module()
class RecordWeights(Hook):
    """Appends an iteration's loss and one number of the weights after it.

    They are in ``<work dir>/weights-<rank>.jsonl``.
    """

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        size = sum(
            parameter.detach().double().abs().sum().item()
            for parameter in runner.model.parameters()
        )
        with open(Path(runner.work_dir) / f'weights-{runner.rank}.jsonl', 'a') as file:
            file.write(json.dumps(dict(loss=outputs['loss'].item(), weights=size)) + '\n')


@HOOKS.register_module()
class KillInValidation(Hook):
    """Kill -9 this process in the validation of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        if runner.epoch == self.epoch and batch_idx == 1:
            os.kill(os.getpid(), signal.SIGKILL)


@HOOKS.register_module()
class HangHook(Hook):
    """Writes a file ``hanging`` in the middle of the second epoch, and waits to be killed.

    The file is in the work dir.
    """

    priority = 'LOWEST'

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.epoch == 1 and batch_idx == 1:
            (Path(runner.work_dir) / 'hanging').touch()
            time.sleep(600)


@HOOKS.register_module()
class KeepMomentumStatistics(Hook):
    """Writes the state at an epoch's end to ``momentum.pth`` in the work dir.

    It is the one before PreciseBNHook replaces statistics.
    """

    priority = 'VERY_HIGH'

    @master_only
    def after_train_epoch(self, runner):
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        torch.save(model.state_dict(), Path(runner.work_dir) / 'momentum.pth')
