"""Accuracies against a cost, with the budget: what one can choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.lines import Line2D

from regnet_plugin.report.drawing.plot import Plot, Series, columns_of
from regnet_plugin.report.drawing.style import INK, one_line
from regnet_plugin.report.figures.marks import draw_points, note_no_data
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import set_axis


@dataclass(frozen=True)
class Rated:
    """A network that can be chosen.

    Attributes:
        network: its name.
        cost: of it.
        accuracy: of it, in percent.
        is_best: whether none within the budget is better at no more cost.
    """

    network: str
    cost: float
    accuracy: float
    is_best: bool = False


@drawn
def choice_plot(
    key: str,
    kinds: Mapping[str, Sequence[Rated]],
    column: str,
    budget: float,
    label: str = 'accuracy (%)',
) -> Plot:
    """Draw accuracies of networks against what they cost, and the budget as a line.

    Networks that are worth a choice are joined.

    Args:
        key: of the plot.
        kinds: networks by how they were trained.
        column: that the cost is, such as 'flops'.
        budget: the most that a network may cost.
        label: of the axis of accuracies. Default: 'accuracy (%)'.

    Returns:
        The plot; its data has a row per network.
    """
    layout = Layout(1, columns=1, height=3.2, legend=len(kinds) + 1)
    figure, (axes,) = layout.figure()
    rated = [(kind, one) for kind, networks in kinds.items() for one in networks]
    set_axis(axes.xaxis, column, np.array([*(one.cost for _, one in rated), budget]))
    axes.set_ylabel(label)
    axes.axvline(budget, color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=1.9)
    best = sorted((one.cost, one.accuracy) for _, one in rated if one.is_best)
    axes.plot(*np.reshape(best, (-1, 2)).T, color=INK, linewidth=1, zorder=1.8)
    if not rated:
        note_no_data(axes, 'no network is known')
    series, handles = [], []
    for number, (kind, networks) in enumerate(kinds.items()):
        x = np.array([one.cost for one in networks])
        y = np.array([one.accuracy for one in networks])
        handles.append(draw_points(axes, x, y, number, len(kinds)))
        series.append(Series(0, kind, x, y, names=[one.network for one in networks]))
    handles.append(Line2D([], [], color=INK, linewidth=1.2, linestyle=(0, (3, 2))))
    legend_below(figure, handles, [*(one_line(kind, NAME) for kind in kinds), 'budget'])
    rows = [(kind, one.network, one.cost, one.accuracy, int(one.is_best)) for kind, one in rated]
    return Plot(
        key,
        figure,
        columns_of(('kind', 'network', column, 'accuracy', 'best'), rows),
        tuple(series),
    )
