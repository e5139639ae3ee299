"""A hook that makes a network faster before it is tested."""

from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner

from regnet_plugin.training.built_models import unwrapped


class FuseHook(Hook):
    """Folds each batch normalization into the convolution before it, of loaded weights."""

    def before_test(self, runner: Runner) -> None:
        # EMAHook exchanges the weights of the model and of their average one by one: both must
        # have the same.
        averages = [hook.ema_model for hook in runner.hooks if isinstance(hook, EMAHook)]
        for model in (runner.model, *averages):
            fuse_conv_bn(unwrapped(model))
