"""A hook that says when the first iteration begins."""

from mmengine.hooks import Hook
from mmengine.registry import HOOKS


@HOOKS.register_module()
class FirstIterationHook(Hook):
    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 0:
            print('READY', flush=True)
