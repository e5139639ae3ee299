"""Curves of one training."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regnet_plugin.population.measured_error import is_unmeasured
from regnet_plugin.report.drawing.style import MUTED, SERIES

_BLUE, _ORANGE = SERIES[:2]
_GREY = MUTED
_METRIC_COLOURS = (_ORANGE, _BLUE, _GREY, 'black', 'olive', 'purple')  # of as many metrics at most


def training_curves(
    training: Sequence[Mapping[str, float]],
    validation: Sequence[Mapping[str, float]],
    unit: str = 'epoch',
) -> Figure:
    """Draw a run: its loss and learning rate, and the metrics of its evaluations.

    What an evaluation could not measure is left out.

    Args:
        training: rows with ``step`` (the iteration), ``loss`` and ``lr``; at least one.
        validation: rows with ``step`` and metrics; may be empty.
        unit: what the steps of the validation are. Default: 'epoch'.

    Returns:
        One panel, or two if there are validation rows.
    """
    figure = Figure(figsize=(10 if validation else 5.5, 3.6), layout='constrained')
    panels = figure.subplots(1, 2 if validation else 1, squeeze=False)[0]
    _draw_training(panels[0], training)
    if validation:
        _draw_validation(panels[1], validation, unit)
    return figure


def _draw_training(axes: Axes, training: Sequence[Mapping[str, float]]) -> None:
    steps = [row['step'] for row in training]
    axes.plot(steps, [row['loss'] for row in training], color=_BLUE)
    axes.set_ylim(bottom=0)
    axes.set_ylabel('loss', color=_BLUE)
    _finish_panel(axes, 'training', 'iteration')
    rates = axes.twinx()
    rates.plot(steps, [row.get('lr', float('nan')) for row in training], color=_GREY, linewidth=0.8)
    rates.set_ylim(bottom=0)
    rates.spines[['top']].set_visible(False)
    rates.tick_params(colors=_GREY)
    rates.set_ylabel('learning rate', color=_GREY)


def _draw_validation(axes: Axes, validation: Sequence[Mapping[str, float]], unit: str) -> None:
    measured = []
    for row in validation:
        measured.append(
            {name: value for name, value in row.items() if not is_unmeasured(name, value)}
        )
    # the metrics of the last row come first
    names = dict.fromkeys(name for row in reversed(measured) for name in row if name != 'step')
    for name, color in zip(names, _METRIC_COLOURS):
        rows = [row for row in measured if name in row]
        axes.plot(
            [row['step'] for row in rows],
            [row[name] for row in rows],
            color=color,
            marker='o',
            markersize=3,
            label=f'{name}: {rows[-1][name]:.2f}',
        )
    if names:
        axes.legend(frameon=False)
    _finish_panel(axes, 'validation', unit)


def _finish_panel(axes: Axes, title: str, xlabel: str) -> None:
    axes.set_title(title, loc='left', fontsize=10)
    axes.set_xlabel(xlabel)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(axis='y', alpha=0.3)
