"""Networks that go wrong, for tests: which one, and how, is in the variable MISBEHAVIOUR."""

import json
import os
import resource
import signal
import time
from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module(force=True)
class MisbehavingHook(Hook):
    """In the second iteration of its training a network does what it is told."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        behaviour = json.loads(os.environ['MISBEHAVIOUR']).get(
            Path(runner.work_dir).name.partition('-')[0]
        )
        if behaviour is None or runner.iter != 1:
            return
        if behaviour == 'diverge':
            for group in runner.optim_wrapper.param_groups:
                group['lr'] = 1e30
        elif behaviour == 'eat memory':
            held = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (held + 2**20, resource.RLIM_INFINITY))
            # what was freed before may not be enough to go on
            self.eaten = [torch.empty(2**20) for _ in range(100)]
        elif behaviour == 'kill':
            os.kill(os.getpid(), signal.SIGKILL)
        elif behaviour == 'hang':
            time.sleep(1e6)
        elif behaviour == 'raise':
            raise RuntimeError(f'{runner.work_dir}/config.py has a bug')
