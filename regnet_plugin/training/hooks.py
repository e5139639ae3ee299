"""Hooks that know one thing of a run or do one thing to it.

Others stand beside what they check or keep: `checks`, `whole_weights`, `resumption`.
"""

from typing import Any

from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner

from regnet_plugin.registry import HOOKS
from regnet_plugin.training.built_models import unwrapped


class StartHook(Hook):
    """Knows whether the work has begun."""

    started = False

    def before_train(self, runner: Runner) -> None:
        self.started = True

    before_test = before_train


class FuseHook(Hook):
    """Folds each batch normalization into the convolution before it, of loaded weights."""

    def before_test(self, runner: Runner) -> None:
        # EMAHook exchanges the weights of the model and of their average one by one: both must
        # have the same.
        averages = [hook.ema_model for hook in runner.hooks if isinstance(hook, EMAHook)]
        for model in (runner.model, *averages):
            fuse_conv_bn(unwrapped(model))


@HOOKS.register_module(name='VisualizationHook')
def build_visualization_hook(**kwargs: Any) -> Hook:
    """Build `regnet_plugin.training.painting.VisualizationHook`.

    It is imported here, so that only who paints needs mmpretrain.
    """
    from regnet_plugin.training.painting import VisualizationHook

    return VisualizationHook(**kwargs)
