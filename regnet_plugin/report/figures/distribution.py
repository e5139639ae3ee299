"""Distributions of what networks cost, such as flops at an equal time."""

from collections.abc import Mapping

from regnet_plugin.analysis import EDF
from regnet_plugin.report.drawing.plot import Plot, Series, columns_of
from regnet_plugin.report.drawing.style import line, one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import NAME, SINGLE, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, set_axis


@drawn
def distribution_plot(
    key: str, edfs: Mapping[str, EDF], column: str, looks: Mapping[str, int] | None = None
) -> Plot:
    """Draw the share of networks that cost less, against the cost.

    Args:
        key: of the plot.
        edfs: of the costs, weighted or not, by name of the population.
        column: that the cost is, such as 'flops'.
        looks: number of each population among all of the page. Default: their order.

    Returns:
        The plot; its data has each step, with the share right of it.
    """
    looks = looks or {name: number for number, name in enumerate(edfs)}
    layout = Layout(1, columns=1, height=2.5, legend=len(edfs), width=SINGLE)
    figure, (axes,) = layout.figure()
    set_axis(axes.xaxis, column, finite(*(one.errors for one in edfs.values())))
    axes.set_ylim(0, 1.01)
    axes.set_ylabel('cumulative probability')
    handles, series, rows = [], [], []
    for name, one in edfs.items():
        x, share = one.steps()
        handles += axes.plot(x, share, drawstyle='steps-post', **line(looks[name]), zorder=3)
        series.append(Series(0, name, x, share, kind='steps'))
        rows += [(name, float(cost), float(part)) for cost, part in zip(x, share)]
    if not rows:
        note_no_data(axes, 'no network is known')
    legend_below(figure, handles, [one_line(name, NAME) for name in edfs])
    return Plot(key, figure, columns_of(('population', column, 'share'), rows), tuple(series))
