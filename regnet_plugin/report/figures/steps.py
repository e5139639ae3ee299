"""What each restriction of a design space costs or gives (table 1 beside the EDFs)."""

import math

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from regnet_plugin.report.figures.marks import empty
from regnet_plugin.report.figures.panels import LABEL, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import MUTED, SERIES, one_line

_CHARACTER = 0.062  # inches, of a name
_MINIMUM = dict(color=SERIES[0], marker='o', markersize=5, linewidth=1.3)
_MEAN = dict(color=SERIES[1], marker='s', markersize=4.5, linewidth=1.3, linestyle=(0, (4, 2)))
_SIZE = dict(color=SERIES[2], marker='D', markersize=4.5, linewidth=1.3)
_SUPERSCRIPTS = str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻')


@drawn
def steps_plot(key, edfs, sizes, label='error (%)'):
    """Draw minimum and mean error of design spaces in the order of their steps, beside the spaces'
    sizes.

    Args:
        key (str): of the plot.
        edfs (Mapping[str, EDF]): by name of the space, in order: AnyNetX_A, B, C, D, E, RegNetX,
            say.
        sizes (Mapping[str, float | None]): networks of each space, None where unknown.
        label (str): of the axis of errors. Default: 'error (%)'.

    Returns:
        Plot: its data has a row per space.
    """
    names, places = list(edfs), list(range(len(edfs)))
    labels = [one_line(name, LABEL) for name in names]
    beside = 0.5 + _CHARACTER * max(map(len, labels), default=0)
    layout = Layout(
        2, columns=2, height=0.45 + 0.27 * len(edfs), left=beside, shared=True, legend=1
    )
    figure, (left, right) = layout.figure()
    minima, means = ([getattr(edf, part) for edf in edfs.values()] for part in ('minimum', 'mean'))
    exponents = [math.log10(sizes[name]) if sizes.get(name) else math.nan for name in names]
    for place, low, high in zip(places, minima, means):
        left.plot([low, high], [place, place], color=MUTED, linewidth=0.8, alpha=0.5)
    left.plot(minima, places, **_MINIMUM)
    left.plot(means, places, **_MEAN)
    right.plot(exponents, places, **_SIZE)
    left.set_ylim(len(edfs) - 0.5, -0.5)
    left.set_yticks(places, labels)
    for axes in (left, right):
        axes.set_ylabel('step')
    set_error_axis(left.xaxis, limits_of(finite(minima, means)), label)
    right.set_xlim(0, max(finite(exponents), default=1) * 1.08)
    right.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    right.xaxis.set_major_formatter(FuncFormatter(_power_of_ten))
    right.set_xlabel('networks in the space')
    if not len(finite(minima)):
        empty(left)
    if not len(finite(exponents)):
        empty(right, 'sizes are unknown')
    legend_below(
        figure,
        [Line2D([], [], **look) for look in (_MINIMUM, _MEAN, _SIZE)],
        ['minimum error', 'mean error', 'size of the space'],
        3,
    )
    curves = (
        (0, 'minimum error', minima),
        (0, 'mean error', means),
        (1, 'log10 of the size of the space', exponents),
    )
    series = tuple(Series(panel, what, x, places, names=names) for panel, what, x in curves)
    data = dict(
        space=names,
        networks=[edf.n for edf in edfs.values()],
        minimum=minima,
        mean=means,
        size=[sizes.get(name) for name in names],
    )
    return Plot(key, figure, data, series)


def _power_of_ten(exponent, _):
    return '10' + f'{exponent:.0f}'.translate(_SUPERSCRIPTS)
