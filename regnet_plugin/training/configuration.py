"""Configs as the tools read them: the file, settings of the command line, what both tools share."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config, ConfigDict

from regnet_plugin.cli.errors import UserError, blame, not_ended
from regnet_plugin.training.checks.libraries import check_library
from regnet_plugin.training.config.loaders import import_datasets


def read_config(path: str, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config with a model, and change it.

    Args:
        path: of the file.
        options: settings that are replaced, by their keys. Default: None.

    Returns:
        one whose library can be used.

    Raises:
        UserError: if it cannot be read, has no model, or needs ops that are not there.
    """
    with blame(path), not_ended():
        config = Config.fromfile(path)
    with blame('--cfg-options'):
        config.merge_from_dict(options or {})
    if 'model' not in config:
        raise UserError(f'{path} has no model')
    check_library(config)
    import_datasets(config.get('default_scope'))
    return config


def configured(args: Namespace) -> Config:
    """Read a config and apply the flags that training and testing share, but for the loaders'.

    Raises:
        UserError: if it cannot be read, or a flag does not fit it or this machine.
    """
    config = read_config(args.config, args.cfg_options)
    config.launcher = args.launcher
    by_name = f'work_dirs/{Path(args.config).stem}'
    config.work_dir = args.work_dir or config.get('work_dir') or by_name
    if Path(config.work_dir).resolve() == Path(args.config).resolve().parent:
        # MMEngine writes what it runs, flags included, into the work dir by the name of the
        # config's file: over the config itself. A config that is made of a dict has no file.
        config = Config(config.to_dict())
    _give_pictures_their_colours(config)
    if args.amp and not torch.cuda.is_available():
        raise UserError('--amp needs a GPU, and PyTorch sees none')
    return config


def _give_pictures_their_colours(config: Config) -> None:
    """Have classifiers' predictions painted by our hook: mmpretrain's exchanges red and blue."""
    hook = (config.get('default_hooks') or {}).get('visualization')
    if not isinstance(hook, dict) or config.get('default_scope') != 'mmpretrain':
        return
    if hook.get('type') in ('VisualizationHook', 'mmpretrain.VisualizationHook'):
        hook['type'] = 'regnet_plugin.VisualizationHook'


def set_loaders(
    config: Config, args: Namespace, names: Sequence[str], *, keep_workers: bool
) -> None:
    """Give loaders mmpretrain's defaults, and apply the flags about them, in place.

    Args:
        config: loaders that it does not have are passed over.
        args: of tools/train.py or tools/test.py.
        names: of the loaders.
        keep_workers: from epoch to epoch, by default. Without workers there are none to keep.
    """
    defaults: dict[str, Any] = {}
    if config.get('default_scope') == 'mmpretrain':
        if keep_workers:
            defaults['persistent_workers'] = True
        defaults['pin_memory'] = torch.cuda.is_available()
        defaults['collate_fn'] = dict(type='default_collate')
    for name in names:
        if config.get(name) is None:
            continue
        loader = ConfigDict(defaults, **config[name])
        if args.no_pin_memory:
            loader.pin_memory = False
        # Only tools/train.py has the flag: a test has one epoch.
        restarts_workers = getattr(args, 'no_persistent_workers', False)
        if restarts_workers or not loader.get('num_workers'):
            loader.persistent_workers = False
        config[name] = loader
