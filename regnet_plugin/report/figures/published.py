"""Error against complexity, beside published networks (figures 17 and 18; tables 2 to 4)."""

from dataclasses import dataclass
from typing import Mapping, Sequence

import numpy as np

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.figures.marks import points, shown
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import (
    finite,
    limits_of,
    set_axis,
    set_error_axis,
    top_of_view,
)
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import PAPER, line, marker, one_line


@dataclass(frozen=True, eq=False)
class Family:
    """Networks of one kind.

    Attributes:
        name (str): for the legend.
        networks (Sequence[str]): n names.
        columns (Mapping[str, array_like]): n ``flops``, ``parameters`` and ``activations`` each;
            NaN where unknown.
        errors (array_like): n errors in percent.
        published (bool): the numbers are printed ones, of others; marked as such. Default: False.
        joined (bool): a line goes from the least to the most complex network: sizes of one model.
            Default: False.
    """

    name: str
    networks: Sequence[str]
    columns: Mapping[str, np.ndarray]
    errors: np.ndarray
    published: bool = False
    joined: bool = False


@drawn
def published_plot(key, groups, label='error (%)'):
    """Draw errors against flops, parameters and activations, a row of panels per group.

    Figure 17 groups networks by activations and by flops. Published ones have hollow markers. Of a
    family of more than 1000 networks, the 200 best and an even part of the others are shown.

    Args:
        key (str): of the plot.
        groups (Mapping[str, Sequence[Family]]): by title of the row.
        label (str): of the axis of errors. Default: 'error (%)'.

    Returns:
        Plot: its data has a row per group, family and network.
    """
    families = [family for group in groups.values() for family in group]
    kinds = list(dict.fromkeys((family.name, family.published) for family in families))
    figure, panels = Layout(
        3 * len(groups), height=1.9, shared=True, titles=1, legend=len(kinds)
    ).figure()
    errors = finite(*(family.errors for family in families))
    top = max((top_of_view(finite(family.errors)) for family in families), default=-np.inf)
    series, handles = [], {}
    for number, axes in enumerate(panels):
        title, group = list(groups.items())[number // 3]
        column = COUNTS[number % 3]
        axes.set_title(one_line(title, NAME) if number % 3 == 0 else '')
        set_axis(axes.xaxis, column, finite(*(family.columns[column] for family in group)))
        set_error_axis(axes.yaxis, limits_of(errors[errors <= top]), label)
        for family in group:
            kind = family.name, family.published
            found = _series(number, column, family)
            handles[kind] = _draw(axes, found, kinds.index(kind), family)
            series.append(found)
    legend_below(
        figure,
        handles.values(),
        [
            one_line(name, NAME) + (' (published numbers)' if published else '')
            for name, published in handles
        ],
    )
    return Plot(key, figure, _data(groups), tuple(series))


def _series(number, column, family):
    x, y = np.asarray(family.columns[column], dtype=float), np.asarray(family.errors, dtype=float)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    known = known[shown(y[known])]
    known = known[np.argsort(x[known], kind='stable')]
    label = family.name + (' (published)' if family.published else '')
    return Series(
        number, label, x[known], y[known], names=[family.networks[index] for index in known]
    )


def _draw(axes, series, number, family):
    """Draw a family, and return what stands for it in the legend."""
    if not (family.published or family.joined):
        return points(axes, series.x, series.y, number)
    look = dict(**{**line(number), **marker(number)}, markersize=4.5, linewidth=1.2, zorder=3)
    if family.published:
        look.update(linestyle=(0, (3, 2)), markerfacecolor=PAPER)
    if not family.joined:
        look.update(linestyle='none')
    return axes.plot(series.x, series.y, **look)[0]


def _data(groups):
    names = ('group', 'family', 'published', 'network', 'error', *COUNTS)
    rows = [
        (title, family.name, int(family.published), network, *numbers)
        for title, group in groups.items()
        for family in group
        for network, *numbers in zip(
            family.networks, family.errors, *map(family.columns.get, COUNTS)
        )
    ]
    return dict(zip(names, zip(*rows))) or {name: () for name in names}
