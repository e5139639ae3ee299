"""Restrictions of a design space: by how much the kept networks' mean error differs (forest)."""

from collections.abc import Sequence

from matplotlib.lines import Line2D

from regnet_plugin.analysis import Restriction
from regnet_plugin.report.figures.marks import draw_strokes, note_no_data
from regnet_plugin.report.figures.panels import LABEL, NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis
from regnet_plugin.report.plot import Column, Plot, Series
from regnet_plugin.report.style import MUTED, SERIES, one_line

_CHARACTER = 0.062  # inches, of a name
_LINE = 0.24  # inches, of a restriction


@drawn
def restrictions_plot(
    key: str, name: str, restrictions: Sequence[Restriction], label: str = 'error (%)'
) -> Plot:
    """Draw the differences of several restrictions with their intervals, one below the other.

    Args:
        key: of the plot.
        name: of the population.
        restrictions: from top to bottom.
        label: what errors are called on an axis. Default: 'error (%)'.

    Returns:
        The plot; its data has a row per restriction.
    """
    names = [one.name for one in restrictions]
    places = list(range(len(names)))
    labels = [one_line(one, LABEL) for one in names]
    longest = max((len(one) for one in labels), default=0)
    layout = Layout(
        1,
        height=0.3 + _LINE * max(1, len(names)),
        left=0.5 + _CHARACTER * longest,
        legend=1,
        title=one_line(name, NAME),
    )
    figure, (axes,) = layout.figure()
    axes.set_ylim(max(1, len(names)) - 0.5, -0.5)  # the first one above
    axes.set_yticks(places, labels)
    axes.set_ylabel('restriction')
    ends = finite([one.low for one in restrictions], [one.high for one in restrictions], [0.0])
    set_error_axis(axes.xaxis, limits_of(ends), f'{label}, difference from all networks')
    axes.axvline(0, color=MUTED, linewidth=0.9)
    for is_confirmed, color in ((True, SERIES[0]), (False, MUTED)):
        chosen = [place for place in places if restrictions[place].confirmed == is_confirmed]
        lines = [
            ((restrictions[place].low, place), (restrictions[place].high, place))
            for place in chosen
        ]
        draw_strokes(axes, lines, axes.transData, color, linewidth=1.3)
        means = [restrictions[place].difference for place in chosen]
        axes.plot(means, chosen, color=color, marker='o', markersize=5, linestyle='none')
    if not names:
        note_no_data(axes, 'no networks to judge restrictions by')
    legend_below(
        figure,
        [Line2D([], [], color=color, marker='o', markersize=5) for color in (SERIES[0], MUTED)],
        ['shown to be better', 'not shown'],
        2,
    )
    differences = [one.difference for one in restrictions]
    series = (Series(0, 'difference', differences, places, names=names),)
    data: dict[str, Column] = {
        'restriction': names,
        'share': [one.share for one in restrictions],
        'mean': [one.mean for one in restrictions],
        'difference': differences,
        'low': [one.low for one in restrictions],
        'high': [one.high for one in restrictions],
    }
    return Plot(key, figure, data, series)
