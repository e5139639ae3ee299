"""Hooks that record what every iteration trained on, and that kill the process in a validation."""
import json
import os
import signal
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class RecordingHook(Hook):
    """Append a line per iteration to ``<work dir>/order.jsonl``, of rank r > 0 to ``order-r.jsonl``."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        row = dict(epoch=runner.epoch, iter=runner.iter, lr=runner.optim_wrapper.get_lr()['lr'],
                   loss=outputs['loss'].item(), images=[sample.sample_idx for sample in data_batch['data_samples']])
        name = f'order-{runner.rank}.jsonl' if runner.rank else 'order.jsonl'
        with open(Path(runner.work_dir) / name, 'a') as file:
            file.write(json.dumps(row) + '\n')


@HOOKS.register_module()
class KillInValidation(Hook):
    """Kill -9 this process in the validation of an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        if runner.epoch == self.epoch and batch_idx == 1:
            os.kill(os.getpid(), signal.SIGKILL)
