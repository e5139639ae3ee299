"""Testing one network: a config with a checkpoint in, metrics out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmengine
from mmengine.config import Config
from mmengine.evaluator import DumpResults

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.training.hooks.fuse import FuseHook
from regnet_plugin.training.running.distributed import processes
from regnet_plugin.training.running.runners import build_runner, errors_blamed, load_safely
from regnet_plugin.weights.files import read_classes


def test(
    config: Config,
    name: str = 'the config',
    out: str | None = None,
    out_item: str = 'pred',
    fuse_conv_bn: bool = False,
) -> dict[str, Any] | None:
    """Evaluate the checkpoint that the config loads.

    Args:
        config: from `regnet_plugin.training.testing.testing_config.testing_config`.
        name: what an error message calls the config.
        out: file for predictions or metrics. Default: None, nothing is written.
        out_item: 'pred' or 'metrics'. Default: 'pred'.
        fuse_conv_bn: fold batch normalizations into the convolutions before them. Default: False.

    Returns:
        the metrics by their names; None on other ranks than 0.

    Raises:
        UserError: if something that the config names cannot be built, or there is no such
            checkpoint.
    """
    is_file = '://' not in config.load_from
    if is_file and not Path(config.load_from).is_file():
        raise UserError(f'there is no checkpoint {config.load_from}')
    with processes(config):
        with blame(name):
            runner = build_runner(config, 'test_dataloader', name)
            load_safely(runner, config.load_from, backbone_only=False)
            if out and out_item == 'pred':
                runner.test_evaluator.metrics.append(_dump_class(config)(out_file_path=out))
            if fuse_conv_bn:
                runner.register_hook(FuseHook())
            trained_classes = read_classes(config.load_from) if is_file else ()
        with errors_blamed(name, runner, trained_classes):
            metrics = runner.test()
        if runner.rank != 0:
            return None
        if out and out_item == 'metrics':
            mmengine.dump(_plain(metrics), out)
        return metrics


def metrics_text(metrics: Mapping[str, Any]) -> str:
    """Lay out metrics, a line each: numbers with four digits, what is no number as it is."""
    lines = [f'{name}: {_in_words(value)}' for name, value in _plain(metrics).items()]
    return '\n'.join(lines)


def _plain(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics with lists and numbers for arrays and tensors."""
    return {
        name: value.tolist() if hasattr(value, 'tolist') else value
        for name, value in metrics.items()
    }


def _in_words(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(_in_words(entry) for entry in value) + ']'
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'{value:.4g}'
    return str(value)


def _dump_class(config: Config) -> type[DumpResults]:
    """The class of what writes predictions: mmdet's own encodes masks."""
    if config.get('default_scope') != 'mmdet':
        return DumpResults
    from mmdet.evaluation import DumpDetResults

    return DumpDetResults
