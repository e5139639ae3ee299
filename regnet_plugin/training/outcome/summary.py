"""What a training left behind: its last and its best evaluation, its files, its curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.hooks import CheckpointHook
from mmengine.runner import EpochBasedTrainLoop, Runner

from regnet_plugin.population.curves import last_and_best
from regnet_plugin.population.measured_error import deciding_metric, is_lower_better, numbers_of
from regnet_plugin.training.outcome.checkpoints import newest_checkpoint
from regnet_plugin.training.outcome.history import History, read_history


@dataclass(frozen=True)
class Summary:
    """What a training left behind.

    Attributes:
        metric: name of the metric that decides, as in the log; None if nothing was evaluated.
        last, best: value and step of the last and the best evaluation.
        unit: what the steps are, 'epoch' or 'iteration'.
        files: 'log', 'checkpoint' and, where there are, 'best checkpoint' and 'curves'.
    """

    metric: str | None = None
    last: tuple[float, int] = (float('nan'), 0)
    best: tuple[float, int] = (float('nan'), 0)
    unit: str = 'epoch'
    files: dict[str, Path] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f'{label + ":":<17}{path}' for label, path in self.files.items()]
        if self.metric:
            last, last_step = self.last
            best, best_step = self.best
            measured = (
                f'{self.metric}: {last:.4g} at the end ({self.unit} {last_step}), best {best:.4g} '
                f'({self.unit} {best_step})'
            )
            lines.insert(0, measured)
        return '\n'.join(lines)


def summarize(runner: Runner) -> Summary:
    """Collect the results of a finished training and draw its curves.

    Args:
        runner: after ``train()``.

    Returns:
        the summary of this process's work dir.
    """
    work_dir = Path(runner.work_dir)
    history = read_history(work_dir)
    hook = _checkpoint_hook(runner)
    unit = 'epoch' if isinstance(runner.train_loop, EpochBasedTrainLoop) else 'iteration'
    files = dict(log=Path(runner.log_dir) / f'{runner.timestamp}.log')
    checkpoint = newest_checkpoint(work_dir)
    if checkpoint:
        files['checkpoint'] = checkpoint
    best_checkpoint = getattr(hook, 'best_ckpt_path', None)
    if best_checkpoint:
        files['best checkpoint'] = Path(best_checkpoint)
    if history.training:
        files['curves'] = work_dir / 'curves.png'
        _draw_curves(history, unit, files['curves'])
    metric, lower_is_better = _deciding_metric(history.validation, hook)
    if metric is None:
        return Summary(files=files)
    rows = last_and_best(history.validation, metric, lower_is_better)
    assert rows is not None  # a metric that decides is in a row
    last, best = ((row[metric], row['step']) for row in rows)
    return Summary(metric, last, best, unit, files)


def _checkpoint_hook(runner: Runner) -> CheckpointHook | None:
    for hook in runner.hooks:
        if type(hook).__name__ == 'CheckpointHook':
            return hook
    return None


def _draw_curves(history: History, unit: str, path: Path) -> None:
    from regnet_plugin.report.figures import training_curves  # matplotlib takes its time

    figure = training_curves(history.training, history.validation, unit)
    figure.savefig(path, dpi=150)


def _deciding_metric(
    validation: Sequence[Mapping[str, Any]], hook: CheckpointHook | None
) -> tuple[str | None, bool]:
    """The metric that checkpoints are kept by, else the first that decides by its name.

    Returns:
        its name, None where there is none, and whether lower is better.
    """
    latest: dict[str, Any] = {}
    for row in validation:
        latest.update(row)
    latest.pop('step', None)
    numbers = numbers_of(latest)
    kept_by = getattr(hook, 'key_indicators', None)
    if hook is not None and kept_by and kept_by[0] in numbers:
        return kept_by[0], hook.rules[0] == 'less'
    metric = deciding_metric(numbers)
    return metric, metric is not None and is_lower_better(metric)
