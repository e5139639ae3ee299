"""Hooks that the tools add to a run."""

from pathlib import Path

from mmcv.cnn.utils.fuse_conv_bn import fuse_conv_bn
from mmengine.hooks import CheckpointHook, EMAHook, Hook
from mmengine.runner import EpochBasedTrainLoop

from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.population.run_layout import CHECKPOINT_NAME
from regnet_plugin.registry import HOOKS
from regnet_plugin.weights.layouts import advice_on_names, renamed
from regnet_plugin.weights.loading import check_weights


class StartHook(Hook):
    """Knows whether the work has begun."""

    started = False

    def before_train(self, runner):
        self.started = True

    before_test = before_train


class WholeHook(Hook):
    """Refuses a checkpoint that is not of the network, of which MMEngine warns and loads the rest.

    Args:
        backbone_only (bool): heads may differ, as in a training that begins with another one's
            weights.
    """

    def __init__(self, backbone_only):
        self.backbone_only = backbone_only

    def after_load_checkpoint(self, runner, checkpoint):
        check_whole(
            getattr(runner.model, 'module', runner.model),
            checkpoint['state_dict'],
            self.backbone_only,
        )


def check_whole(model, weights, backbone_only=False):
    """Load weights into a model, unless some are missing or of another shape.

    Args:
        model (nn.Module): perhaps with an `AnyNet` as ``backbone``.
        weights (dict[str, Tensor]): also of a model for several GPUs.
        backbone_only (bool): look at the backbone's only, and load nothing. Default: False.

    Raises:
        ValueError: how many are missing or do not fit, and the first.
    """
    weights = renamed(weights, lambda name: name.removeprefix('module.'))
    backbone = getattr(model, 'backbone', None)
    if isinstance(backbone, AnyNet):
        try:
            check_weights(backbone, weights, 'backbone.')
        except ValueError as error:
            raise ValueError(f'{error}{advice_on_names(weights)}') from None
    if not backbone_only:
        missing = [
            name
            for name in model.load_state_dict(weights, strict=False).missing_keys
            if not name.endswith('num_batches_tracked')
        ]
        if missing:
            raise ValueError(
                f'weights must be those of the whole network, but {len(missing)} are missing, '
                'first '
                f'{missing[0]}{advice_on_names(weights)}'
            )


class FuseHook(Hook):
    """Folds each batch normalization into the convolution before it, once the weights are loaded."""

    def before_test(self, runner):
        # it swaps weights one by one
        averages = [hook.ema_model for hook in runner.hooks if isinstance(hook, EMAHook)]
        for model in (runner.model, *averages):
            fuse_conv_bn(getattr(model, 'module', model))


class ResumeHook(Hook):
    """Makes a resumed run end as if it had not been interrupted.

    MMEngine saves the checkpoint of an epoch before it validates, and goes on behind both: the
    validation of the checkpoint's own epoch, which a kill may have cut off, is done (again) first.
    """

    priority = 'LOWEST'  # after CheckpointHook has restored what it knows

    def before_train(self, runner):
        for hook in runner.hooks:
            if isinstance(hook, CheckpointHook):
                self._keep_to_work_dir(hook, Path(runner.work_dir))
        if runner.val_loop is not None and self._validation_is_due(runner.train_loop):
            runner.val_loop.run()

    @staticmethod
    def _keep_to_work_dir(hook, work_dir):
        """Forget a best checkpoint that lies elsewhere, or is none: it would be deleted once there
        is a better one.
        """

        def here(path):
            path = work_dir / Path(path).name if path else None
            ours = (
                path
                and CHECKPOINT_NAME.fullmatch(path.name)
                and path.is_file()
                and not path.is_symlink()
            )
            return str(path) if ours else None

        if hasattr(hook, 'best_ckpt_path'):
            hook.best_ckpt_path = here(hook.best_ckpt_path)
        for name, path in getattr(hook, 'best_ckpt_path_dict', {}).items():
            hook.best_ckpt_path_dict[name] = here(path)

    @staticmethod
    def _validation_is_due(loop):
        loop._decide_current_val_interval()  # as it did when it came here
        by_epoch = isinstance(loop, EpochBasedTrainLoop)
        step, last = (loop.epoch, loop.max_epochs) if by_epoch else (loop.iter, loop.max_iters)
        return step >= max(loop.val_begin, 1) and (step % loop.val_interval == 0 or step == last)


@HOOKS.register_module(name='VisualizationHook')
def build_visualization_hook(**kwargs):
    """Build `regnet_plugin.training.painting.VisualizationHook`, which is imported here since it
    needs mmpretrain.
    """
    from regnet_plugin.training.painting import VisualizationHook

    return VisualizationHook(**kwargs)
