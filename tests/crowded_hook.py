"""A training that runs out of a GPU's memory, as PyTorch says it, if another one goes on."""

import os
from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module(force=True)
class CrowdedHook(Hook):
    """Raise PyTorch's error at the second iteration that sees the mark of another training.

    Args:
        marks (str): folder of the marks, one for each training that goes on.
    """

    def __init__(self, marks):
        self.mark = Path(marks, f'{os.getpid()}.training')
        self.seen = 0

    def before_train(self, runner):
        self.mark.touch()

    def after_train(self, runner):
        self.mark.unlink()

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen += len(list(self.mark.parent.glob('*.training'))) > 1
        if self.seen > 1:
            self.mark.unlink()
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')
