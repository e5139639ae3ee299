"""Error against one parameter, a panel per population: bins, networks, and the bootstrap's range.

See figures 2, 5, 8 and 21.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from regnet_plugin.analysis import Bin, Bootstrap
from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series
from regnet_plugin.report.drawing.style import line, one_line
from regnet_plugin.report.figures.marks import (
    draw_bootstrap,
    draw_boxes,
    draw_dots,
    draw_strokes,
    most_shown,
    note_no_data,
    note_of_part,
    shown_points,
)
from regnet_plugin.report.figures.panels import WIDE, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import (
    finite,
    label_of,
    limits_of,
    set_axis,
    set_error_axis,
    top_of_view,
)

_TITLE = 20  # characters above a panel
_WIDTHS = {1: 2.6, 2: 4.6}  # inches of a figure of so few panels, which are no larger than others


@dataclass(frozen=True, eq=False)
class ParameterPanel:
    """Errors of n networks of a population against their values of a parameter.

    Attributes:
        look: number of the population among all of the page.
        values: n numbers, NaN where unknown.
        errors: n errors; +inf is not drawn.
        networks: n names.
        bootstrap: of the values.
        bins: of the values, with the quartiles of the errors in them.
    """

    look: int
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    networks: Sequence[str]
    bootstrap: Bootstrap
    bins: Sequence[Bin]


@drawn
def parameter_plot(
    key: str, column: str, panels: Mapping[str, ParameterPanel], label: str = 'error (%)'
) -> Plot:
    """Draw the errors of populations against a parameter, a panel each; all have the same axes.

    A panel shows at most 1000 networks, the 200 best of which and an even part of the others; the
    data has all.

    Args:
        key: of the plot.
        column: name of the parameter in `Records.columns`, or 'e_fit'.
        panels: by name of the population, at least one.
        label: of the axis of errors. Default: 'error (%)'.

    Returns:
        The plot; its data has a row per network, and rows of their own for the bootstrap's bounds.
    """
    errors = [finite(panel.errors) for panel in panels.values()]
    top = max(top_of_view(of_one) for of_one in errors)
    every = finite(*errors)
    view = limits_of(every[every <= top])
    notes = _notes(panels, int(np.count_nonzero(every > top)), view[1])
    layout = Layout(
        len(panels),
        width=_WIDTHS.get(len(panels), WIDE),
        titles=1,
        legend=len(notes),
        title=label_of(column),
    )
    figure, axes_of_panels = layout.figure()
    values = finite(*(panel.values for panel in panels.values()))
    limits = limits_of(np.append(values, 0.0)) if column == 'e_fit' else None
    series: list[Series] = []
    most = most_shown(len(panels))
    for number, (axes, (name, panel)) in enumerate(zip(axes_of_panels, panels.items())):
        axes.set_title(one_line(name, _TITLE), fontsize=8.5)
        set_axis(axes.xaxis, column, values, limits)
        set_error_axis(axes.yaxis, view, label)
        series += _draw(axes, number, name, panel, most)
    legend_below(figure, [], [], remarks=notes)
    return Plot(
        key, figure, _data(column, panels), tuple(series), split=layout.margins, notes=notes
    )


def _notes(panels: Mapping[str, ParameterPanel], outside: int, top: float) -> list[str]:
    part = note_of_part(*(len(finite(panel.errors)) for panel in panels.values()))
    notes = [part] if part else []
    if outside:
        notes.append(f'{outside} networks with errors above {top:.3g} are outside.')
    return notes


def _draw(axes: Axes, number: int, name: str, panel: ParameterPanel, most: int) -> list[Series]:
    """Draw a panel, the number-th, with so many points at most; no series where it has none."""
    known = np.flatnonzero(np.isfinite(panel.values) & np.isfinite(panel.errors))
    if not len(known):
        note_no_data(axes)
        return []
    colour = line(panel.look)['color']
    draw_bootstrap(axes, panel.bootstrap)
    _draw_bins(axes, panel.bins, colour)
    some = known[shown_points(panel.errors[known], most)]
    some = some[panel.errors[some] <= axes.get_ylim()[1]]
    x, y = panel.values[some], panel.errors[some]
    draw_dots(axes, x, y, colour, size=2.4, alpha=0.45)
    return [Series(number, name, x, y, names=[panel.networks[index] for index in some])]


def _draw_bins(axes: Axes, bins: Sequence[Bin], colour: str) -> None:
    """Draw the middle half of the errors in each bin as a box, and their median as a line."""
    edges = _edges(axes, bins)
    top = axes.get_ylim()[1]
    boxes, medians = [], []
    for one, left, right in zip(bins, edges, edges[1:]):
        low, median, high = np.minimum([one.low, one.median, one.high], top)
        boxes.append((left, right, low, high))
        medians.append(((left, median), (right, median)))
    draw_boxes(axes, boxes, colour, alpha=0.22, zorder=1)
    draw_strokes(axes, medians, axes.transData, colour, linewidth=1.8, zorder=3)


def _edges(axes: Axes, bins: Sequence[Bin]) -> list[float]:
    """Where bins begin and end on the axis: half-way between neighbours, as one sees them."""
    is_log = axes.get_xscale() == 'log'
    edges = [float(axes.get_xlim()[0])]
    for before, after in zip(bins, bins[1:]):
        middle = (before.most + after.least) / 2
        edges.append(float(np.sqrt(before.most * after.least)) if is_log else middle)
    return [*edges, float(axes.get_xlim()[1])]


def _data(column: str, panels: Mapping[str, ParameterPanel]) -> Mapping[str, Column]:
    """Columns of the CSV: a row per network.

    After the networks of a population there are three rows for the bounds of the bootstrap.
    """
    texts: dict[str, list[Cell]] = dict(population=[], what=[], network=[])
    numbers: dict[str, list[NDArray[np.float64]]] = {'error': [], column: []}
    for name, panel in panels.items():
        n = len(panel.errors)
        texts['population'] += [name] * (n + 3)
        texts['what'] += ['network'] * n
        texts['what'] += ['bootstrap low', 'bootstrap median', 'bootstrap high']
        texts['network'] += [*panel.networks, '', '', '']
        bootstrap = panel.bootstrap
        bounds = np.array([bootstrap.low, bootstrap.median, bootstrap.high])
        numbers['error'] += [panel.errors, np.full(3, np.nan)]
        numbers[column] += [panel.values, bounds]
    return {**texts, **{name: np.concatenate(parts) for name, parts in numbers.items()}}
