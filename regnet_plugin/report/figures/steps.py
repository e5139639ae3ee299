"""What each restriction of a design space costs or gives (table 1 beside the EDFs)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from regnet_plugin.analysis import EDF
from regnet_plugin.report.drawing.plot import Column, Plot, Series
from regnet_plugin.report.drawing.style import MUTED, SERIES, one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import LABEL, NARROW, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis

_CHARACTER = 0.062  # inches, of a name
_MINIMUM: dict[str, Any] = {
    'color': SERIES[0],
    'marker': 'o',
    'markersize': 5,
    'linewidth': 1.3,
}
_MEAN: dict[str, Any] = {
    'color': SERIES[1],
    'marker': 's',
    'markersize': 4.5,
    'linewidth': 1.3,
    'linestyle': (0, (4, 2)),
}
_SIZE: dict[str, Any] = {
    'color': SERIES[2],
    'marker': 'D',
    'markersize': 4.5,
    'linewidth': 1.3,
}
_SUPERSCRIPTS = str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻')


@drawn
def steps_plot(
    key: str,
    edfs: Mapping[str, EDF],
    sizes: Mapping[str, float | None],
    label: str = 'error (%)',
) -> Plot:
    """Draw minimum and mean error of design spaces in the order of their steps, beside their sizes.

    Args:
        key: of the plot.
        edfs: by name of the space, in order: AnyNetX_A, B, C, D, E, RegNetX, say.
        sizes: number of the networks of each space, None where unknown.
        label: of the axis of errors. Default: 'error (%)'.

    Returns:
        The plot; its data has a row per space.
    """
    names = list(edfs)
    places = list(range(len(names)))
    labels = [one_line(name, LABEL) for name in names]
    longest = max((len(name) for name in labels), default=0)
    layout = Layout(
        2,
        columns=2,
        width=NARROW,
        height=0.45 + 0.27 * len(names),
        left=0.5 + _CHARACTER * longest,
        shared=True,
        legend=1,
    )
    figure, (left, right) = layout.figure()
    minima = [edf.minimum for edf in edfs.values()]
    means = [edf.mean for edf in edfs.values()]
    exponents = [_exponent(sizes.get(name)) for name in names]
    left.set_ylim(len(names) - 0.5, -0.5)  # the first step above
    left.set_yticks(places, labels)
    for axes in (left, right):
        axes.set_ylabel('step')
    _draw_errors(left, minima, means, label)
    _draw_sizes(right, exponents)
    legend_below(
        figure,
        [Line2D([], [], **look) for look in (_MINIMUM, _MEAN, _SIZE)],
        ['minimum error', 'mean error', 'size of the space'],
        3,
    )

    series = (
        Series(0, 'minimum error', minima, places, names=names),
        Series(0, 'mean error', means, places, names=names),
        Series(1, 'log10 of the size of the space', exponents, places, names=names),
    )
    data: dict[str, Column] = {
        'space': names,
        'networks': [edf.n for edf in edfs.values()],
        'minimum': minima,
        'mean': means,
        'size': [sizes.get(name) for name in names],
    }
    return Plot(key, figure, data, series)


def _draw_errors(axes: Axes, minima: Sequence[float], means: Sequence[float], label: str) -> None:
    """Draw minimum and mean error of each step, joined by a line."""
    places = range(len(minima))
    for place, minimum, mean in zip(places, minima, means):
        axes.plot([minimum, mean], [place, place], color=MUTED, linewidth=0.8, alpha=0.5)
    axes.plot(minima, places, **_MINIMUM)
    axes.plot(means, places, **_MEAN)
    set_error_axis(axes.xaxis, limits_of(finite(minima, means)), label)
    if not len(finite(minima)):
        note_no_data(axes)


def _draw_sizes(axes: Axes, exponents: Sequence[float]) -> None:
    """Draw the size of the space of each step, given as powers of ten; NaN where unknown."""
    known = finite(exponents)
    axes.plot(exponents, range(len(exponents)), **_SIZE)
    axes.set_xlim(0, max(known, default=1) * 1.08)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_power_of_ten))
    axes.set_xlabel('networks in the space')
    if not len(known):
        note_no_data(axes, 'sizes are unknown')


def _exponent(size: float | None) -> float:
    """Power of ten of a size, such as 18.3; NaN where it is unknown."""
    return math.log10(size) if size else math.nan


def _power_of_ten(exponent: float, _: int | None) -> str:
    return '10' + f'{exponent:.0f}'.translate(_SUPERSCRIPTS)
