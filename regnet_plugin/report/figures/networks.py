"""Diagrams of the best and the worst networks (figure 6)."""

from typing import NamedTuple

from matplotlib.ticker import MaxNLocator

from regnet_plugin.report.diagrams import blocks_shown, draw_staircase
from regnet_plugin.report.figures.marks import empty
from regnet_plugin.report.figures.panels import NAME, Layout, drawn
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import one_line
from regnet_plugin.report.wording import error_text

_COLUMNS, _TITLE = 4, 26  # panels in a row; characters of a line above one


class RatedNetwork(NamedTuple):
    """A network for a diagram.

    Attributes:
        name (str): of the network.
        backbone (dict): arguments of `regnet_plugin.AnyNet`, of which ``widths`` and ``depths`` are
            drawn.
        error (float): lower is better.
        unit (str): '%', or '' where it is a metric in its own unit.
    """

    name: str
    backbone: dict
    error: float
    unit: str = '%'


@drawn
def networks_plot(key, population, best, worst):
    """Draw networks as figure 6 does, good ones in the rows above and bad ones below: the width of
    each block.

    Args:
        key (str): of the plot.
        population (str): its name.
        best, worst (Sequence[RatedNetwork]): the best first, and the worst first; may be empty.

    Returns:
        Plot: its data has a row per network and stage.
    """
    every = [*best, *worst]
    places = [network for networks in (best, worst) for network in _full_rows(networks)] or [
        None
    ] * _COLUMNS
    figure, panels = Layout(
        len(places),
        columns=_COLUMNS,
        height=1.1,
        shared=True,
        titles=3,
        title=one_line(population, NAME),
    ).figure()
    panels[0].set_xlim(
        -0.7, max((sum(network.backbone['depths']) for network in every), default=1) - 0.3
    )
    panels[0].set_ylim(
        0, 1.05 * max((max(network.backbone['widths']) for network in every), default=1)
    )
    panels[0].yaxis.set_major_locator(MaxNLocator(3, integer=True))
    for axes, network in zip(panels, places):
        if network is not None:
            _draw(axes, network, panels[0].get_xlim())
        elif axes is not panels[0]:
            axes.remove()
    if not every:
        empty(panels[0])
    series = tuple(_series(number, population, network) for number, network in enumerate(every))
    return Plot(key, figure, _data(best, worst), series)


def _full_rows(networks):
    return [*networks, *[None] * (-len(networks) % _COLUMNS)]


def _draw(axes, network, limits):
    widths, depths = network.backbone['widths'], network.backbone['depths']
    draw_staircase(axes, widths, depths)
    axes.set_xlim(limits)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_xlabel('block j', fontsize=8)
    axes.set_ylabel('width wⱼ')
    error = error_text(network.error, network.unit)
    lines = f'{error} {one_line(network.name)}', f'd {_listed(depths)}', f'w {_listed(widths)}'
    axes.set_title('\n'.join(one_line(line, _TITLE) for line in lines), fontsize=7, linespacing=1.3)


def _listed(numbers):
    return ', '.join(map(str, numbers))


def _series(number, population, network):
    blocks, widths = blocks_shown(network.backbone['widths'], network.backbone['depths'])
    return Series(number, population, blocks, widths, names=[network.name] * len(widths))


def _data(best, worst):
    names = ('which', 'network', 'error', 'stage', 'depth', 'width')
    rows = [
        (which, network.name, network.error, stage, depth, width)
        for which, networks in (('best', best), ('worst', worst))
        for network in networks
        for stage, (depth, width) in enumerate(
            zip(network.backbone['depths'], network.backbone['widths']), 1
        )
    ]
    return dict(zip(names, zip(*rows))) or {name: () for name in names}
