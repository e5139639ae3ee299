"""Networks along a line: widths of the best networks, and fits of the quantized linear function
(figure 8, top).
"""

from math import ceil

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from regnet_plugin.report.figures.marks import empty
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import INK, MUTED, SERIES, one_line


@drawn
def width_plot(key, population, best, fitted, slope=48):
    """Draw the widths of the best networks beside a line (left), and of some with their fits
    (right) (figure 8, top).

    Args:
        key (str): of the plot.
        population (str): its name.
        best (Mapping[str, Sequence[int]]): width of each block, by network.
        fitted (Mapping[str, tuple[Sequence[int]]]): width of each block and of each block of the
            fit, by network; see `regnet_plugin.core.linear_fit`.
        slope (float): of the line, u_j = slope (j + 1). Default: 48, the paper's for 400 MF.

    Returns:
        Plot: its data has a row per curve and block.
    """
    labels = [one_line(name, NAME) for name in fitted]
    layout = Layout(
        2, columns=2, height=2.4, shared=True, titles=1, legend=1 + ceil(len(fitted) / 2)
    )
    figure, (left, right) = layout.figure()
    depth = max(
        map(len, [*best.values(), *(curve for pair in fitted.values() for curve in pair)]),
        default=1,
    )
    blocks = np.arange(depth)
    left.plot(blocks, slope * (blocks + 1), color=INK, linewidth=1.6, zorder=3)
    for widths in best.values():
        left.plot(np.arange(len(widths)), widths, color=MUTED, linewidth=0.9, alpha=0.6)
    for color, (widths, fit) in zip(SERIES, fitted.values()):
        right.step(np.arange(len(widths)), widths, where='mid', color=color, linewidth=1.8)
        right.step(
            np.arange(len(fit)), fit, where='mid', color=color, linewidth=1.3, linestyle=(0, (4, 2))
        )
    every = finite(
        slope * (blocks + 1), *best.values(), *(curve for pair in fitted.values() for curve in pair)
    )
    titles = f'{len(best)} best networks', 'networks and their fits'
    for axes, title, found in zip((left, right), titles, (best, fitted)):
        axes.set_title(title)
        axes.set_xlabel('block j')
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlim(limits_of(blocks))
        if not found:
            empty(axes)
    left.set_yscale('log', base=2)
    left.set_ylim(limits_of(every, log=True))
    left.yaxis.set_major_locator(LogLocator(base=2, numticks=9))
    left.yaxis.set_minor_locator(NullLocator())
    left.yaxis.set_major_formatter(StrMethodFormatter('{x:g}'))
    for axes in (left, right):
        axes.set_ylabel('width wⱼ')
    legend_below(
        figure,
        [
            Line2D([], [], color=MUTED, linewidth=0.9),
            Line2D([], [], color=INK, linewidth=1.6),
            *(Line2D([], [], color=color) for color, _ in zip(SERIES, labels)),
        ],
        [
            'widths of a network',
            f'{slope:g} (j + 1)',
            *(f'{name}, its fit dashed' for name in labels),
        ],
        2,
    )
    curves = [(0, 'width', name, widths) for name, widths in best.items()]
    curves += [
        (1, *curve)
        for name, (widths, fit) in fitted.items()
        for curve in (('width', name, widths), ('fit', name, fit))
    ]
    return Plot(key, figure, _data(curves), tuple(_series(population, curves)))


def _data(curves):
    rows = [
        (('best', 'fitted')[panel], what, name, j, width)
        for panel, what, name, widths in curves
        for j, width in enumerate(widths)
    ]
    names = ('panel', 'what', 'network', 'block', 'width')
    return dict(zip(names, zip(*rows))) or {name: () for name in names}


def _series(population, curves):
    for panel in (0, 1):
        some = [
            (j, width, name)
            for number, what, name, widths in curves
            for j, width in enumerate(widths)
            if number == panel and what == 'width'
        ]
        if some:
            blocks, widths, names = zip(*some)
            yield Series(panel, population, blocks, widths, names=names)
