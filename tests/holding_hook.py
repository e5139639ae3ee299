"""Networks that wait to be disturbed, for tests."""

import time
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module(force=True)
class HoldingHook(Hook):
    """Writes a file ``held`` in the second epoch of the first attempt, and waits for its end."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        folder = Path(runner.work_dir)
        if runner.epoch == 1 and not (folder / 'attempt-2.json').exists():
            (folder / 'held').touch()
            time.sleep(600)
