"""Estimates with their intervals, one below the other: a forest plot."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from regnet_plugin.report.drawing.plot import Plot, Series, columns_of
from regnet_plugin.report.drawing.style import INK, MUTED, PAPER, SERIES, one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import Layout, drawn
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis

_WIDTH = 4.6  # inches of the figure
_ROW = 0.36  # inches of an estimate: its text, and below it the interval
_NAME = 46  # characters, beside which the numbers have room
_TEXT, _LINE = 0.3, 0.72  # of a row from above: the text, and the interval


class Interval(NamedTuple):
    """An estimate with its interval.

    Attributes:
        name: what it is of.
        value, low, high: NaN where they are unknown.
        text: the numbers in words.
        is_shown: whether it is told from 0.
    """

    name: str
    value: float
    low: float
    high: float
    text: str
    is_shown: bool


@drawn
def forest_plot(key: str, intervals: Sequence[Interval], label: str) -> Plot:
    """Draw estimates with their intervals, in a row each.

    What is not told from 0, the vertical line, is grey.

    Args:
        key: of the plot.
        intervals: from above to below.
        label: of the axis.

    Returns:
        The plot; its data has a row per estimate.
    """
    rows = max(1, len(intervals))
    layout = Layout(1, height=0.1 + _ROW * rows, width=_WIDTH, left=0.15)
    figure, (axes,) = layout.figure()
    known = finite(*([one.value, one.low, one.high] for one in intervals))
    set_error_axis(axes.xaxis, limits_of(np.append(known, 0.0)), label)
    axes.set_ylim(rows, 0)
    axes.set_ylabel('estimate')
    axes.yaxis.label.set_visible(False)
    axes.yaxis.set_major_locator(FixedLocator([]))
    axes.spines['left'].set_visible(False)
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
    for row, one in enumerate(intervals):
        _draw(axes, row, one)
    if not len(known):
        note_no_data(axes)
    places = [row + _LINE for row in range(len(intervals))]
    series = Series(
        0,
        label,
        [one.value for one in intervals],
        places,
        names=[f'{one.name}: {one.text}' for one in intervals],
    )
    data = columns_of(('name', 'value', 'low', 'high'), [one[:4] for one in intervals])
    return Plot(key, figure, data, (series,))


def _draw(axes: Axes, row: int, interval: Interval) -> None:
    colour = SERIES[0] if interval.is_shown else MUTED
    across = axes.get_yaxis_transform()
    for x, side, text in ((0, 'left', one_line(interval.name, _NAME)), (1, 'right', interval.text)):
        axes.text(
            x,
            row + _TEXT,
            text,
            transform=across,
            ha=side,
            va='center',
            fontsize=8.5,
            color=INK if interval.is_shown else MUTED,
            bbox={'facecolor': PAPER, 'edgecolor': 'none', 'pad': 1.5},
        )
    place = row + _LINE
    if np.isfinite([interval.low, interval.high]).all():
        axes.plot([interval.low, interval.high], [place, place], color=colour, linewidth=2)
    axes.plot([interval.value], [place], color=colour, marker='o', markersize=5)
