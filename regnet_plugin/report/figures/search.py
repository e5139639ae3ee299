"""Efficiency of random search (figure 9, right)."""

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from regnet_plugin.report.figures.marks import empty
from regnet_plugin.report.figures.panels import NAME, NARROW, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import line, one_line


@drawn
def search_plot(key, searches, label='error (%)'):
    """Draw the expected error of the best of so many random networks, with a band of one standard
    deviation.

    Args:
        key (str): of the plot.
        searches (Mapping[str, Search]): by population, see `regnet_plugin.analysis.best_of`.
        label (str): of the axis of errors. Default: 'error (%)'.

    Returns:
        Plot: its data has a row per population and number of networks.
    """
    figure, (axes,) = Layout(1, height=2.7, width=NARROW, legend=len(searches) + 1).figure()
    lines = []
    for number, search in enumerate(searches.values()):
        look = line(number)
        lines += axes.plot(search.draws, search.mean, zorder=3, **look)
        axes.fill_between(
            search.draws, *_ends(search), color=look['color'], alpha=0.15, linewidth=0
        )
    draws = finite(*(search.draws for search in searches.values()))
    axes.set_xscale('log', base=2)
    axes.set_xlim(limits_of(draws, log=True, margin=0.02))
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=12))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter('{x:g}'))
    axes.set_xlabel('random networks')
    ends = finite(*map(_ends, searches.values()))
    set_error_axis(axes.yaxis, limits_of(ends), label)
    if not len(ends):
        empty(axes)
    legend_below(
        figure,
        lines,
        [one_line(name, NAME) for name in searches],
        remarks=['Mean error of the best one; band: one standard deviation to either side.'],
    )
    data = dict(
        population=[name for name, search in searches.items() for _ in search.draws],
        draws=[int(count) for search in searches.values() for count in search.draws],
        **{
            part: np.concatenate([getattr(search, part) for search in searches.values()] or [[]])
            for part in ('mean', 'deviation')
        },
    )
    series = tuple(Series(0, name, search.draws, search.mean) for name, search in searches.items())
    return Plot(key, figure, data, series)


def _ends(search):
    return search.mean - search.deviation, search.mean + search.deviation
