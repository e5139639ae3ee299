"""The config of a training: the flags of tools/train.py applied, and where it goes on from."""

from argparse import Namespace
from pathlib import Path

from mmengine.config import Config, ConfigDict

from regnet_plugin.cli.errors import UserError, blame, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there
from regnet_plugin.population.runs.layout import RESULT
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.entries import named_hooks
from regnet_plugin.training.config.loaders import TRAINING_LOADERS
from regnet_plugin.training.config.log_backends import set_backends
from regnet_plugin.training.configuration import configured, set_loaders
from regnet_plugin.training.outcome.checkpoints import newest_checkpoint
from regnet_plugin.weights.files import read_training


def training_config(args: Namespace) -> Config:
    """Read the config and apply the flags of tools/train.py.

    Args:
        args: from `regnet_plugin.training.arguments.parse_train_arguments`.

    Returns:
        a config that is ready for `regnet_plugin.training.trainer.train`.

    Raises:
        UserError: if the config cannot be read, or a flag does not fit it, or its data is not here.
    """
    config = configured(args)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.amp:
        config.optim_wrapper.type = 'AmpOptimWrapper'
        config.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        _scale_learning_rate(config, args.config)
    with blame(args.config):
        set_loaders(config, args, (*TRAINING_LOADERS, 'test_dataloader'), keep_workers=True)
    check_data(config, args.config, TRAINING_LOADERS)
    set_backends(config, args.log_to or ())
    _check_untrained(config)
    if args.resume is not None:
        _resume(config, args.resume)
    return config


def _scale_learning_rate(config: Config, path: str) -> None:
    """Let MMEngine scale the learning rate from the batch that the config gives it for.

    Raises:
        UserError: if the config does not give it.
    """
    if 'base_batch_size' not in config.get('auto_scale_lr', {}):
        raise UserError(
            f'--auto-scale-lr needs auto_scale_lr.base_batch_size, which {path} does not give'
        )
    config.auto_scale_lr.enable = True


def _check_untrained(config: Config) -> None:
    """Refuse a run of a population that has its result, before anything is made.

    Raises:
        UserError: if it has one.
    """
    is_run = any(hook['type'] == 'regnet_plugin.ResultHook' for _, hook in named_hooks(config))
    if is_run and is_there(Path(config.work_dir, RESULT)):
        raise UserError(
            f'{config.work_dir} has its {RESULT} already; --work-dir trains it again elsewhere'
        )


def _resume(config: Config, checkpoint: str) -> None:
    """Go on from a checkpoint, with its seed.

    The seed decides the order of the data before MMEngine would restore it.

    Args:
        config: it is changed.
        checkpoint: its path, or 'auto' for the newest whole one in the work dir.

    Raises:
        UserError: if there is no such file, or it cannot be read.
    """
    path = newest_checkpoint(config.work_dir) if checkpoint == 'auto' else Path(checkpoint)
    if path is None:
        say(f'{config.work_dir} has no checkpoint yet: starting from the beginning')
        return
    if not path.is_file():
        raise UserError(f'--resume needs a checkpoint, but there is no file {path}')
    config.resume = True
    config.load_from = str(path)
    with refused(ValueError, OSError):
        seed = read_training(path)['meta'].get('seed')
    randomness = config.setdefault('randomness', ConfigDict())
    if randomness.get('seed') is None and seed is not None:
        randomness.seed = seed
