"""A hook that writes which images every iteration trained on, and its learning rate."""
import json
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class RecordingHook(Hook):
    """Append a line per iteration to ``<work dir>/order.jsonl``."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        row = dict(epoch=runner.epoch, iter=runner.iter, lr=runner.optim_wrapper.get_lr()['lr'],
                   images=[sample.sample_idx for sample in data_batch['data_samples']])
        with open(Path(runner.work_dir) / 'order.jsonl', 'a') as file:
            file.write(json.dumps(row) + '\n')
