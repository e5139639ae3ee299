"""Diagrams of the best and the worst networks (figure 6)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from regnet_plugin.report.diagrams import blocks_shown, draw_staircase
from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series, columns_of
from regnet_plugin.report.drawing.style import one_line
from regnet_plugin.report.figures.marks import note_no_data
from regnet_plugin.report.figures.panels import NAME, Layout, drawn
from regnet_plugin.report.wording import error_text

_COLUMNS, _TITLE = 3, 26  # panels in a row; characters of a line above one


class RatedNetwork(NamedTuple):
    """A network for a diagram.

    Attributes:
        name: of the network.
        backbone: arguments of `regnet_plugin.AnyNet`, of which ``widths`` and ``depths`` are drawn.
        error: lower is better.
        unit: '%', or '' where it is a metric in its own unit.
    """

    name: str
    backbone: Mapping[str, Any]
    error: float
    unit: str = '%'

    @property
    def widths(self) -> Sequence[int]:
        """Width of each stage."""
        widths: Sequence[int] = self.backbone['widths']
        return widths

    @property
    def depths(self) -> Sequence[int]:
        """Number of the blocks of each stage."""
        depths: Sequence[int] = self.backbone['depths']
        return depths


@drawn
def networks_plot(
    key: str, population: str, best: Sequence[RatedNetwork], worst: Sequence[RatedNetwork]
) -> Plot:
    """Draw networks as figure 6 does: the width of each block.

    Good ones are in the rows above and bad ones in those below.

    Args:
        key: of the plot.
        population: its name.
        best: the best first; may be empty.
        worst: the worst first; may be empty.

    Returns:
        The plot; its data has a row per network and stage.
    """
    every = [*best, *worst]
    places = [*_in_full_rows(best), *_in_full_rows(worst)]
    if not places:
        places = [None] * _COLUMNS
    layout = Layout(
        len(places),
        columns=_COLUMNS,
        height=1.1,
        titles=3,
        title=one_line(population, NAME),
    )
    figure, panels = layout.figure()
    first = panels[0]
    deepest = max((sum(network.depths) for network in every), default=1)
    widest = max((max(network.widths) for network in every), default=1)
    for axes, network in zip(panels, places):
        axes.set_xlim(-0.7, deepest - 0.3)
        axes.set_ylim(0, 1.05 * widest)
        if network is not None:
            _draw(axes, network)
        elif axes is not first:  # which says that there is nothing to see
            axes.remove()
    if not every:
        note_no_data(first)
    series = [_series(number, population, network) for number, network in enumerate(every)]
    return Plot(key, figure, _data(best, worst), tuple(series), split=layout.margins)


def _in_full_rows(networks: Sequence[RatedNetwork]) -> list[RatedNetwork | None]:
    """Networks, and None for each place of the last row that stays free."""
    free = -len(networks) % _COLUMNS
    return [*networks, *[None] * free]


def _draw(axes: Axes, network: RatedNetwork) -> None:
    limits = axes.get_xlim(), axes.get_ylim()
    draw_staircase(axes, network.widths, network.depths)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_xlabel('block j', fontsize=8)
    axes.set_ylabel('width wⱼ')
    lines = [
        f'{error_text(network.error, network.unit)} {one_line(network.name)}',
        f'd {_listed(network.depths)}',
        f'w {_listed(network.widths)}',
    ]
    title = '\n'.join(one_line(line, _TITLE) for line in lines)
    axes.set_title(title, fontsize=7, linespacing=1.3)


def _listed(numbers: Iterable[int]) -> str:
    return ', '.join(str(number) for number in numbers)


def _series(number: int, population: str, network: RatedNetwork) -> Series:
    blocks, widths = blocks_shown(network.widths, network.depths)
    return Series(number, population, blocks, widths, names=[network.name] * len(widths))


def _data(best: Sequence[RatedNetwork], worst: Sequence[RatedNetwork]) -> Mapping[str, Column]:
    rows: list[tuple[Cell, ...]] = []
    for which, networks in (('best', best), ('worst', worst)):
        for network in networks:
            stages = enumerate(zip(network.depths, network.widths), 1)
            for stage, (depth, width) in stages:
                rows.append((which, network.name, network.error, stage, depth, width))
    return columns_of(('which', 'network', 'error', 'stage', 'depth', 'width'), rows)
