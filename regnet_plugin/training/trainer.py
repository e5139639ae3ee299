"""Training and testing one network: a config in, MMEngine's Runner, a summary out."""

from collections import ChainMap
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Optional, Tuple

import mmengine
from mmengine.config import Config
from mmengine.evaluator import DumpResults
from mmengine.registry import RUNNERS
from mmengine.runner import EpochBasedTrainLoop, Runner

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.population.curves import last_and_best
from regnet_plugin.population.measured_error import (
    deciding_metric,
    is_lower_better,
    numbers_of,
)
from regnet_plugin.training.checkpoints import newest_checkpoint
from regnet_plugin.training.checks.data import files_explained
from regnet_plugin.training.checks.images import warn_of_images
from regnet_plugin.training.checks.labels import LabelHook
from regnet_plugin.training.checks.recipe import check_batches, check_device, notes_on
from regnet_plugin.training.checks.schedule import check_length, check_schedules
from regnet_plugin.training.checks.widths import channels_explained, check_widths
from regnet_plugin.training.distributed import processes
from regnet_plugin.training.history import read_history
from regnet_plugin.training.hooks import FuseHook, ResumeHook, StartHook, WholeHook
from regnet_plugin.training.resumption import ResumptionHook
from regnet_plugin.training.running_errors import LastBatchHook, running_errors_told
from regnet_plugin.weights.addresses import SAFELY, TO_GO_ON
from regnet_plugin.weights.files import read_classes


@dataclass(frozen=True)
class Summary:
    """What a training left behind.

    Attributes:
        metric (str | None): name of the metric that decides, as in the log; None if nothing was
        evaluated. last, best (tuple[float, int]): value and step of the last and the best
        evaluation.
        unit (str): what the steps are, 'epoch' or 'iteration'.
        files (dict[str, Path]): 'log', 'checkpoint' and, where there are, 'best checkpoint' and
            'curves'.
    """

    metric: Optional[str] = None
    last: Tuple[float, int] = (float('nan'), 0)
    best: Tuple[float, int] = (float('nan'), 0)
    unit: str = 'epoch'
    files: Dict[str, Path] = field(default_factory=dict)

    def __str__(self):
        lines = []
        if self.metric:
            lines += [
                f'{self.metric}: {self.last[0]:.4g} at the end ({self.unit} {self.last[1]}), '
                f'best {self.best[0]:.4g} ({self.unit} {self.best[1]})'
            ]
        return '\n'.join(lines + [f'{label + ":":<17}{path}' for label, path in self.files.items()])


class _PrintedOnce(Config):
    """A config whose text is made once: it takes a tenth of a second, and MMEngine asks for it at
    every checkpoint.
    """

    @classmethod
    def of(cls, config):
        same = cls.__new__(cls)
        same.__dict__.update(config.__dict__)
        return same

    @property
    def pretty_text(self):
        if '_printed' not in self.__dict__:
            self.__dict__['_printed'] = super().pretty_text
        return self.__dict__['_printed']


def _build_runner(config, runner_class):
    config = _PrintedOnce.of(config)
    return RUNNERS.build(config) if 'runner_type' in config else runner_class.from_cfg(config)


def _load_safely(runner, checkpoint, backbone_only, kind=SAFELY):
    """Have the checkpoint read without running what is in it, and compared with the network."""
    runner._load_from = kind + str(checkpoint)
    runner.register_hook(WholeHook(backbone_only))


def _resume_safely(runner):
    """Go on from the config's checkpoint, or else the newest one in the work dir, if there is one."""
    checkpoint = runner._load_from or newest_checkpoint(runner.work_dir)
    if checkpoint:
        _load_safely(runner, checkpoint, backbone_only=False, kind=TO_GO_ON)


@contextmanager
def _running(name, runner, trained_classes=()):
    """Blame the config for errors of what comes first: datasets, optimizer, schedules, the
    checkpoint's loading.

    Later for channels that do not fit and files that cannot be read.
    """
    runner.register_hook(LabelHook(trained_classes))
    runner.register_hook(LastBatchHook())
    start = StartHook()
    runner.register_hook(start)
    with (
        blame(name, unless=lambda: start.started),
        running_errors_told(name),
        channels_explained(runner.model, name),
        files_explained(name),
    ):
        yield


def train(config, name='the config', runner_class=Runner):
    """Train as the config says.

    Args:
        config (mmengine.Config): from `regnet_plugin.training.configuration.training_config`.
        name (str): what an error message calls the config.
        runner_class (type): that is built where the config names no other one. Default: MMEngine's
            Runner.

    Returns:
        mmengine.runner.Runner: after the training.

    Raises:
        UserError: if something that the config names cannot be built.
    """
    with processes(config):
        with blame(name):
            check_device(config)
            check_length(config)
            runner = _build_runner(config, runner_class)
            check_widths(getattr(runner.model, 'module', runner.model), name)
            warn_of_images(config, 'train_dataloader', name, runner.logger)
            runner.register_hook(ResumptionHook())
            if config.get('resume'):
                runner.register_hook(ResumeHook())
                _resume_safely(runner)
            elif config.get('load_from'):
                _load_safely(runner, config.load_from, backbone_only=True)
        with _running(name, runner):
            _check_loop(runner, name)
            check_schedules(
                config, config.get('param_scheduler') and len(runner.train_dataloader) or None
            )
            runner.train()
        return runner


def _check_loop(runner, name):
    """Build the loop, as ``Runner.train`` would do next, and look whether it has something to
    train.
    """
    loader = runner.train_loop.dataloader
    check_batches(loader)
    for note in notes_on(runner.cfg, len(loader)):
        runner.logger.warning(f'{name}: {note}')


def summarize(runner):
    """Collect the results of a finished training and draw its curves.

    Args:
        runner (mmengine.runner.Runner): after ``train()``.

    Returns:
        Summary: of this process's work dir.
    """
    from regnet_plugin.report.figures import training_curves  # matplotlib takes its time

    work_dir = Path(runner.work_dir)
    files = dict(log=Path(runner.log_dir) / f'{runner.timestamp}.log')
    hook = next((hook for hook in runner.hooks if type(hook).__name__ == 'CheckpointHook'), None)
    for label, path in (
        ('checkpoint', newest_checkpoint(work_dir)),
        ('best checkpoint', getattr(hook, 'best_ckpt_path', None)),
    ):
        if path:
            files[label] = Path(path)
    history = read_history(work_dir)
    unit = 'epoch' if isinstance(runner.train_loop, EpochBasedTrainLoop) else 'iteration'
    if history.training:
        files['curves'] = work_dir / 'curves.png'
        training_curves(history.training, history.validation, unit).savefig(
            files['curves'], dpi=150
        )
    if not history.validation:
        return Summary(files=files)
    metric, lower_is_better = _deciding_metric(
        hook, numbers_of(ChainMap(*history.validation[::-1]))
    )
    if metric is None:
        return Summary(files=files)
    rows = last_and_best(history.validation, metric, lower_is_better)
    assert rows is not None  # a metric that decides is in a row
    last, best = ((row[metric], row['step']) for row in rows)
    return Summary(metric, last, best, unit, files)


def _deciding_metric(hook, row):
    """The metric that checkpoints are kept by, else the first number that says how good the network
    is, None where there is none; and whether lower is better.
    """
    kept_by = getattr(hook, 'key_indicators', None)
    if kept_by and kept_by[0] in row:
        return kept_by[0], hook.rules[0] == 'less'
    name = deciding_metric(name for name in row if name != 'step')
    return name, name is not None and is_lower_better(name)


def test(config, name='the config', out=None, out_item='pred', fuse_conv_bn=False):
    """Evaluate the checkpoint that the config loads.

    Args:
        config (mmengine.Config): from `regnet_plugin.training.configuration.testing_config`.
        name (str): what an error message calls the config.
        out (str, optional): file for predictions or metrics. Default: None.
        out_item (str): 'pred' or 'metrics'. Default: 'pred'.
        fuse_conv_bn (bool): fold batch normalizations into the convolutions before them. Default:
            False.

    Returns:
        dict[str, float] | None: the metrics; None on other ranks than 0.

    Raises:
        UserError: if something that the config names cannot be built, or there is no such
            checkpoint.
    """
    if '://' not in config.load_from and not Path(config.load_from).is_file():
        raise UserError(f'there is no checkpoint {config.load_from}')
    with processes(config):
        with blame(name):
            runner = _build_runner(config, Runner)
            check_widths(getattr(runner.model, 'module', runner.model), name)
            warn_of_images(config, 'test_dataloader', name, runner.logger)
            _load_safely(runner, config.load_from, backbone_only=False)
            if out and out_item == 'pred':
                runner.test_evaluator.metrics.append(_dump_class(config)(out_file_path=out))
            if fuse_conv_bn:
                runner.register_hook(FuseHook())
            trained_classes = () if '://' in config.load_from else read_classes(config.load_from)
        with _running(name, runner, trained_classes):
            metrics = runner.test()
        if runner.rank != 0:
            return None
        if out and out_item == 'metrics':
            mmengine.dump(_plain(metrics), out)
        return metrics


def _plain(metrics):
    """Metrics with lists and numbers for arrays and tensors."""
    return {
        name: value.tolist() if hasattr(value, 'tolist') else value
        for name, value in metrics.items()
    }


def metrics_text(metrics: Dict[str, object]) -> str:
    """Lay out metrics, a line each: numbers with four digits, whatever they are in; what is none as
    it is.
    """
    return '\n'.join(f'{name}: {_in_words(value)}' for name, value in _plain(metrics).items())


def _in_words(value):
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(map(_in_words, value)) + ']'
    return (
        f'{value:.4g}'
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else str(value)
    )


def _dump_class(config):
    if config.get('default_scope') != 'mmdet':
        return DumpResults
    from mmdet.evaluation import DumpDetResults  # encodes masks

    return DumpDetResults
