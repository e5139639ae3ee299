"""Loaders whose processes are counted, or killed, for tests."""

import multiprocessing
import os
import signal
from pathlib import Path

from mmcv.transforms import BaseTransform
from mmengine.hooks import Hook
from mmengine.registry import HOOKS, TRANSFORMS


@HOOKS.register_module(force=True)
class CountProcesses(Hook):
    """Writes how many processes this one had before its training, and at the end.

    They are in the file ``processes``.
    """

    def before_train(self, runner):
        self.before = len(multiprocessing.active_children())

    def after_train(self, runner):
        Path(runner.work_dir, 'processes').write_text(
            f'{self.before} {len(multiprocessing.active_children())}'
        )


@TRANSFORMS.register_module(force=True)
class KillOnce(BaseTransform):
    """Kill -9 the process that loads an image, if that has not been done before.

    Args:
        mark (str, optional): folder in which it is noted. Default: None, kill again and again.
    """

    def __init__(self, mark):
        self.mark = mark

    def transform(self, results):
        path = Path(self.mark or os.devnull, 'killed')
        if self.mark is None or not path.exists():
            if self.mark is not None:
                path.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return results
