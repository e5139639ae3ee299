"""Networks along a line: widths of the best networks, and fits of the quantized linear function.

See figure 8, top.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from numpy.typing import NDArray

from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series, columns_of
from regnet_plugin.report.drawing.style import INK, MUTED, SERIES, one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of

# Width of each block of a network.
Widths = Sequence[int] | NDArray[np.int_]


class _Curve(NamedTuple):
    """Widths that one of the panels shows.

    Attributes:
        panel: its index: 0 for the best networks, 1 for those with fits.
        what: 'width' or 'fit'.
        network: name of the network.
        widths: of each block.
    """

    panel: int
    what: str
    network: str
    widths: Widths


@drawn
def width_plot(
    key: str,
    population: str,
    best: Mapping[str, Widths],
    fitted: Mapping[str, tuple[Widths, Widths]],
    slope: float = 48,
) -> Plot:
    """Draw widths of the best networks beside a line (left), and some with their fits (right).

    See figure 8, top.

    Args:
        key: of the plot.
        population: its name.
        best: width of each block, by network.
        fitted: width of each block and of each block of the fit, by network; see
            `regnet_plugin.core.linear_fit`.
        slope: of the line, u_j = slope (j + 1). Default: 48, the paper's for 400 MF.

    Returns:
        The plot; its data has a row per curve and block.
    """
    curves = _curves(best, fitted)
    depth = max((len(curve.widths) for curve in curves), default=1)
    blocks = np.arange(depth)
    line = slope * (blocks + 1)
    layout = Layout(2, columns=2, height=2.4, titles=1, legend=1 + ceil(len(fitted) / 2))
    figure, (left, right) = layout.figure()

    left.plot(blocks, line, color=INK, linewidth=1.6, zorder=3)
    for widths in best.values():
        left.plot(np.arange(len(widths)), widths, color=MUTED, linewidth=0.9, alpha=0.6)
    for color, (widths, fit) in zip(SERIES, fitted.values()):
        _draw_fitted(right, widths, fit, color)

    left.set_title(f'{len(best)} best networks')
    right.set_title('networks and their fits')
    for axes, shown in ((left, best), (right, fitted)):
        axes.set_xlabel('block j')
        axes.set_ylabel('width wⱼ')
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.set_xlim(limits_of(blocks))
        if not shown:
            note_no_data(axes)
        _set_width_axis(axes, finite(line, *(curve.widths for curve in curves)))
    _draw_legend(figure, slope, fitted)
    return Plot(
        key,
        figure,
        _data(curves),
        tuple(_series(population, curves)),
        split=layout.margins,
        legend=[
            (f'{one_line(name, NAME)}, its fit dashed', look) for look, name in enumerate(fitted)
        ],
        notes=[f'The line is {slope:g} (j + 1).'],
    )


def _curves(
    best: Mapping[str, Widths], fitted: Mapping[str, tuple[Widths, Widths]]
) -> list[_Curve]:
    curves = [_Curve(0, 'width', name, widths) for name, widths in best.items()]
    for name, (widths, fit) in fitted.items():
        curves.append(_Curve(1, 'width', name, widths))
        curves.append(_Curve(1, 'fit', name, fit))
    return curves


def _draw_fitted(axes: Axes, widths: Widths, fit: Widths, color: str) -> None:
    """Draw a network, and its fit dashed."""
    axes.step(np.arange(len(widths)), widths, where='mid', color=color, linewidth=1.8)
    dashes = (0, (4, 2))
    axes.step(np.arange(len(fit)), fit, where='mid', color=color, linewidth=1.3, linestyle=dashes)


def _set_width_axis(axes: Axes, widths: NDArray[np.float64]) -> None:
    """Give an axis of widths powers of two."""
    axes.set_yscale('log', base=2)
    axes.set_ylim(limits_of(widths, log=True))
    axes.yaxis.set_major_locator(LogLocator(base=2, numticks=9))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter('{x:g}'))


def _draw_legend(figure: Figure, slope: float, fitted: Iterable[str]) -> None:
    handles = [
        Line2D([], [], color=MUTED, linewidth=0.9),
        Line2D([], [], color=INK, linewidth=1.6),
    ]
    texts = ['widths of a network', f'{slope:g} (j + 1)']
    for color, name in zip(SERIES, fitted):
        handles.append(Line2D([], [], color=color))
        texts.append(f'{one_line(name, NAME)}, its fit dashed')
    legend_below(figure, handles, texts, 2)


def _data(curves: Sequence[_Curve]) -> Mapping[str, Column]:
    rows: list[tuple[Cell, ...]] = []
    for curve in curves:
        panel = ('best', 'fitted')[curve.panel]
        for block, width in enumerate(curve.widths):
            rows.append((panel, curve.what, curve.network, block, width))
    return columns_of(('panel', 'what', 'network', 'block', 'width'), rows)


def _series(population: str, curves: Sequence[_Curve]) -> Iterator[Series]:
    """What can be pointed at: the blocks of the networks of each panel, not those of the fits."""
    for panel in (0, 1):
        blocks: list[int] = []
        widths: list[int] = []
        names: list[str] = []
        for curve in curves:
            if curve.panel == panel and curve.what == 'width':
                blocks.extend(range(len(curve.widths)))
                widths.extend(curve.widths)
                names.extend([curve.network] * len(curve.widths))
        if blocks:
            yield Series(panel, population, blocks, widths, names=names)
