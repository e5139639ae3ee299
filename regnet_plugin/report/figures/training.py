"""Curves of one training."""

from matplotlib.figure import Figure

from regnet_plugin.population.measured_error import is_unmeasured
from regnet_plugin.report.style import MUTED, SERIES

_BLUE, _ORANGE, _GREY = *SERIES[:2], MUTED


def _panel(axes, title, xlabel):
    axes.set_title(title, loc='left', fontsize=10)
    axes.set_xlabel(xlabel)
    axes.spines[['top', 'right']].set_visible(False)
    axes.grid(axis='y', alpha=0.3)


def training_curves(training, validation, unit='epoch'):
    """Draw a run: loss and learning rate against the iteration, metrics against the evaluation's
    step.

    What an evaluation could not measure is left out.

    Args:
        training (Sequence[dict]): rows with ``step``, ``loss`` and ``lr``; at least one.
        validation (Sequence[dict]): rows with ``step`` and metrics; may be empty.
        unit (str): what the steps of the validation are. Default: 'epoch'.

    Returns:
        matplotlib.figure.Figure: one panel, or two if there are validation rows.
    """
    figure = Figure(figsize=(10 if validation else 5.5, 3.6), layout='constrained')
    panels = figure.subplots(1, 2 if validation else 1, squeeze=False)[0]
    steps = [row['step'] for row in training]
    panels[0].plot(steps, [row['loss'] for row in training], color=_BLUE)
    panels[0].set_ylim(bottom=0)
    panels[0].set_ylabel('loss', color=_BLUE)
    _panel(panels[0], 'training', 'iteration')
    rates = panels[0].twinx()
    rates.plot(steps, [row.get('lr', float('nan')) for row in training], color=_GREY, linewidth=0.8)
    rates.set_ylim(bottom=0)
    rates.spines[['top']].set_visible(False)
    rates.tick_params(colors=_GREY)
    rates.set_ylabel('learning rate', color=_GREY)
    if validation:
        _validation_panel(panels[1], validation, unit)
    return figure


def _validation_panel(axes, validation, unit):
    measured = [
        {name: value for name, value in row.items() if not is_unmeasured(name, value)}
        for row in validation
    ]
    # the last row's first
    names = dict.fromkeys(name for row in reversed(measured) for name in row if name != 'step')
    for name, color in zip(names, (_ORANGE, _BLUE, _GREY, 'black', 'olive', 'purple')):
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
    _panel(axes, 'validation', unit)
