"""The config of a test: the flags of tools/test.py applied."""

from argparse import Namespace
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.augmented_testing import enable_tta
from regnet_plugin.training.configuration import configured, set_loaders


def testing_config(args: Namespace) -> Config:
    """Read the config and apply the flags of tools/test.py.

    Args:
        args: from `regnet_plugin.training.arguments.parse_test_arguments`.

    Returns:
        a config that is ready for `regnet_plugin.training.testing.tester.test`.

    Raises:
        UserError: if the config cannot be read, or a flag does not fit it, or its data is not here.
    """
    config = configured(args)
    config.load_from = args.checkpoint
    if args.amp:
        config.test_cfg.fp16 = True
    if args.show or args.show_dir:
        _show_predictions(config, args)
    with blame(args.config):
        if args.tta:
            enable_tta(config)
        set_loaders(config, args, ('test_dataloader',), keep_workers=False)
    check_data(config, args.config, ('test_dataloader',))
    return config


def _show_predictions(config: Config, args: Namespace) -> None:
    """Have the config's hook paint predictions, in a window or into a folder.

    Raises:
        UserError: if the config has no such hook.
    """
    hook = config.get('default_hooks', {}).get('visualization')
    if hook is None:
        raise UserError(
            f'--show and --show-dir need default_hooks.visualization, which {args.config} does not '
            'give'
        )
    hook.update(show=args.show, wait_time=args.wait_time, interval=args.interval)
    if config.get('default_scope') == 'mmdet':
        # mmdet's hook would put a relative path into the work dir.
        folder = str(Path(args.show_dir).absolute()) if args.show_dir else None
        hook.update(draw=True, test_out_dir=folder)
    else:
        hook.update(enable=True, out_dir=args.show_dir)
