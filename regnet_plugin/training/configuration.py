"""Configs of the tools: the file, the flags applied to it, the checkpoint that a killed run goes on
from.
"""

from pathlib import Path

import torch
from mmengine.config import Config, ConfigDict

from regnet_plugin.cli.errors import UserError, blame, check_ops, not_ended, refused, say
from regnet_plugin.files import is_there
from regnet_plugin.population.run_layout import RESULT
from regnet_plugin.training.augmented_test import enable_tta
from regnet_plugin.training.checkpoints import newest_checkpoint
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.loaders import import_datasets
from regnet_plugin.training.log_backends import set_backends
from regnet_plugin.weights.files import read_training


def read_config(path, options=None):
    """Read a config with a model, and change it.

    Args:
        path (str): of the file.
        options (dict, optional): settings that are replaced. Default: None.

    Returns:
        mmengine.Config: whose library can be used.

    Raises:
        UserError: if it cannot be read, has no model, or needs ops that are not there.
    """
    with blame(path), not_ended():
        config = Config.fromfile(path)
    with blame('--cfg-options'):
        config.merge_from_dict(options or {})
    if 'model' not in config:
        raise UserError(f'{path} has no model')
    check_ops(config)
    import_datasets(config.get('default_scope'))
    return config


def _load_config(args):
    config = read_config(args.config, args.cfg_options)
    config.launcher = args.launcher
    config.work_dir = (
        args.work_dir or config.get('work_dir') or f'work_dirs/{Path(args.config).stem}'
    )
    if Path(config.work_dir).resolve() == Path(args.config).resolve().parent:
        # MMEngine writes what it runs, flags included, into the work dir by this name: over the
        # config itself.
        config = Config(config.to_dict())
    _give_pictures_their_colours(config)
    if args.amp and not torch.cuda.is_available():
        raise UserError('--amp needs a GPU, and PyTorch sees none')
    return config


def _give_pictures_their_colours(config):
    """Have classifiers' predictions painted by the hook of ours, as mmpretrain's exchanges red and
    blue.
    """
    hook = (config.get('default_hooks') or {}).get('visualization')
    if (
        isinstance(hook, dict)
        and hook.get('type') in ('VisualizationHook', 'mmpretrain.VisualizationHook')
        and config.get('default_scope') == 'mmpretrain'
    ):
        hook.type = 'regnet_plugin.VisualizationHook'


def _set_loaders(config, args, names, **defaults):
    """mmpretrain's defaults of the loaders; without workers there are none to keep."""
    if config.get('default_scope') == 'mmpretrain':
        defaults.update(
            pin_memory=torch.cuda.is_available(), collate_fn=dict(type='default_collate')
        )
    else:
        defaults = {}
    for name in names:
        if config.get(name) is None:
            continue
        loader = ConfigDict(defaults, **config[name])
        if args.no_pin_memory:
            loader.pin_memory = False
        if getattr(args, 'no_persistent_workers', False) or not loader.get('num_workers'):
            loader.persistent_workers = False
        config[name] = loader


def training_config(args):
    """Read the config and apply the flags of tools/train.py.

    Args:
        args (argparse.Namespace): from `regnet_plugin.training.arguments.parse_train_arguments`.

    Returns:
        mmengine.Config: ready for `train`.

    Raises:
        UserError: if the config cannot be read, or a flag does not fit it.
    """
    config = _load_config(args)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.amp:
        config.optim_wrapper.type = 'AmpOptimWrapper'
        config.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        if 'base_batch_size' not in config.get('auto_scale_lr', {}):
            raise UserError(
                f'--auto-scale-lr needs auto_scale_lr.base_batch_size, which {args.config} does '
                'not give'
            )
        config.auto_scale_lr.enable = True
    with blame(args.config):
        _set_loaders(
            config,
            args,
            ('train_dataloader', 'val_dataloader', 'test_dataloader'),
            persistent_workers=True,
        )
    check_data(config, args.config, ('train_dataloader', 'val_dataloader'))
    set_backends(config, args.log_to or ())
    _check_untrained(config)
    if args.resume is not None:
        _resume(config, args.resume)
    return config


def _check_untrained(config):
    """A run of a population that has its result is refused before anything is made."""
    hooks = [
        hook.get('type') for hook in config.get('custom_hooks') or () if isinstance(hook, dict)
    ]
    if 'regnet_plugin.ResultHook' in hooks and is_there(Path(config.work_dir, RESULT)):
        raise UserError(
            f'{config.work_dir} has its {RESULT} already; --work-dir trains it again elsewhere'
        )


def _resume(config, checkpoint):
    """Go on from a checkpoint with its seed, which decides the order of the data before MMEngine
    restores it.
    """
    path = newest_checkpoint(config.work_dir) if checkpoint == 'auto' else Path(checkpoint)
    if path is None:
        say(f'{config.work_dir} has no checkpoint yet: starting from the beginning')
        return
    if not path.is_file():
        raise UserError(f'--resume needs a checkpoint, but there is no file {path}')
    config.resume, config.load_from = True, str(path)
    with refused(ValueError, OSError):
        seed = read_training(path)['meta'].get('seed')
    randomness = config.setdefault('randomness', ConfigDict())
    if randomness.get('seed') is None and seed is not None:
        randomness.seed = seed


def testing_config(args):
    """Read the config and apply the flags of tools/test.py; the counterpart of `training_config`."""
    config = _load_config(args)
    config.load_from = args.checkpoint
    if args.amp:
        config.test_cfg.fp16 = True
    if args.show or args.show_dir:
        _enable_visualization(config, args)
    if args.tta:
        with blame(args.config):
            enable_tta(config)
    with blame(args.config):
        _set_loaders(config, args, ('test_dataloader',))
    check_data(config, args.config, ('test_dataloader',))
    return config


def _enable_visualization(config, args):
    hook = config.get('default_hooks', {}).get('visualization')
    if hook is None:
        raise UserError(
            f'--show and --show-dir need default_hooks.visualization, which {args.config} does not '
            'give'
        )
    hook.update(show=args.show, wait_time=args.wait_time, interval=args.interval)
    if config.get('default_scope') == 'mmdet':
        # else it would be one in the work dir
        folder = str(Path(args.show_dir).absolute()) if args.show_dir else None
        hook.update(draw=True, test_out_dir=folder)
    else:
        hook.update(enable=True, out_dir=args.show_dir)
