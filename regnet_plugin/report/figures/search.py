"""Efficiency of random search (figure 9, right)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from numpy.typing import NDArray

from regnet_plugin.analysis import Search
from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series
from regnet_plugin.report.drawing.style import line, one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import NAME, SINGLE, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis


@drawn
def search_plot(
    key: str,
    searches: Mapping[str, Search],
    label: str = 'error (%)',
    looks: Mapping[str, int] | None = None,
) -> Plot:
    """Draw the expected error of the best of so many random networks.

    A band shows one standard deviation to either side.

    Args:
        key: of the plot.
        searches: by population, see `regnet_plugin.analysis.best_of`.
        label: of the axis of errors. Default: 'error (%)'.
        looks: number of each population among all of the page. Default: their order.

    Returns:
        The plot; its data has a row per population and number of networks.
    """
    figure, (axes,) = Layout(1, height=2.7, width=SINGLE, legend=len(searches) + 1).figure()
    lines = []
    bounds: list[NDArray[np.float64]] = []
    looks = looks or {name: number for number, name in enumerate(searches)}
    for name, search in searches.items():
        look = line(looks[name])
        # no error is below 0, where that of the mean less one deviation may be
        low = np.maximum(search.mean - search.deviation, min(0.0, search.mean.min(initial=0.0)))
        high = search.mean + search.deviation
        bounds += [low, high]
        lines += axes.plot(search.draws, search.mean, zorder=3, **look)
        axes.fill_between(search.draws, low, high, color=look['color'], alpha=0.15, linewidth=0)

    draws = finite(*(search.draws for search in searches.values()))
    axes.set_xscale('log', base=2)
    axes.set_xlim(limits_of(draws, log=True, margin=0.02))
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=12 if _are_short(draws) else 6))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter('{x:.0f}'))
    axes.set_xlabel('random networks')
    known_bounds = finite(*bounds)
    set_error_axis(axes.yaxis, limits_of(known_bounds), label)
    if not len(known_bounds):
        note_no_data(axes)
    legend_below(
        figure,
        lines,
        [one_line(name, NAME) for name in searches],
        remarks=['Mean error of the best; band: one standard deviation.'],
    )
    series = [Series(0, name, search.draws, search.mean) for name, search in searches.items()]
    return Plot(key, figure, _data(searches), tuple(series))


def _are_short(draws: NDArray[np.float64]) -> bool:
    """Whether there is room for many ticks, whose numbers have few digits."""
    return bool((draws < 1e5).all())


def _data(searches: Mapping[str, Search]) -> Mapping[str, Column]:
    data: dict[str, list[Cell]] = {'population': [], 'draws': [], 'mean': [], 'deviation': []}
    for name, search in searches.items():
        data['population'] += [name] * len(search.draws)
        data['draws'] += search.draws.tolist()
        data['mean'] += search.mean.tolist()
        data['deviation'] += search.deviation.tolist()
    return data
