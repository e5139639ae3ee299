"""Error against complexity, beside published networks (figures 17 and 18; tables 2 to 4).

Then what scaled networks cost, and their errors (Dollar et al., CVPR 2021, figures 2 and 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.drawing.plot import Cell, Column, Numbers, Plot, Series
from regnet_plugin.report.drawing.style import PAPER, marked_line, one_line
from regnet_plugin.report.figures.marks import (
    draw_points,
    most_shown,
    note_no_data,
    shown_points,
)
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import (
    finite,
    limits_of,
    set_axis,
    set_error_axis,
    top_of_view,
)


@dataclass(frozen=True, eq=False)
class Family:
    """Networks of one kind.

    Attributes:
        name: for the legend.
        networks: n names.
        columns: n ``flops``, ``parameters`` and ``activations`` each, and other costs that are
            drawn; NaN where unknown.
        errors: n errors in percent.
        published: the numbers are printed ones, of others; marked as such. Default: False.
        joined: a line goes from the least to the most complex network: sizes of one model.
            Default: False.
    """

    name: str
    networks: Sequence[str]
    columns: Mapping[str, Numbers]
    errors: Numbers
    published: bool = False
    joined: bool = False


@drawn
def published_plot(
    key: str,
    groups: Mapping[str, Sequence[Family]],
    label: str = 'error (%)',
    looks: Mapping[str, int] | None = None,
    costs: Sequence[str] = COUNTS,
) -> Plot:
    """Draw errors against flops, parameters and activations, a row of panels per group.

    Figure 17 groups networks by activations and by flops. Published ones have hollow markers. Of a
    large family the best and an even part of the others are shown.

    Args:
        key: of the plot.
        groups: families by title of the row.
        label: of the axis of errors. Default: 'error (%)'.
        looks: number of each population among all of the page, by which its networks look; others
            follow. Default: their order.
        costs: columns of the panels of a row. Default: flops, parameters and activations.

    Returns:
        The plot; its data has a row per group, family and network.
    """
    families = [family for group in groups.values() for family in group]
    # a family may be in several groups, and looks the same there
    kinds = list(dict.fromkeys((family.name, family.published) for family in families))
    look_of = _looks(kinds, looks or {})
    layout = Layout(len(costs) * len(groups), height=1.9, titles=1, legend=len(kinds))
    figure, panels = layout.figure()
    errors = finite(*(family.errors for family in families))
    top = max((top_of_view(finite(family.errors)) for family in families), default=-np.inf)
    view = limits_of(errors[errors <= top])

    series: list[Series] = []
    most = most_shown(len(costs) * max(map(len, groups.values())))
    handles: dict[tuple[str, bool], Line2D] = {}
    for row, (title, group) in enumerate(groups.items()):
        for place, column in enumerate(costs):
            number = len(costs) * row + place
            axes = panels[number]
            axes.set_title(one_line(title, NAME) if place == 0 else '')
            set_axis(axes.xaxis, column, finite(*(family.columns[column] for family in group)))
            set_error_axis(axes.yaxis, view, label)
            for family in group:
                kind = family.name, family.published
                of_family = _series(number, column, family, most, view[1])
                handles[kind] = _draw(axes, of_family, look_of[kind], family, len(kinds))
                series.append(of_family)

    texts = []
    for name, published in handles:
        texts.append(one_line(name, NAME) + (' (published numbers)' if published else ''))
    legend_below(figure, handles.values(), texts)
    return Plot(
        key,
        figure,
        _data(groups, costs),
        tuple(series),
        split=layout.margins,
        legend=[(text, look_of[kind]) for text, kind in zip(texts, handles)],
    )


def _looks(
    kinds: Sequence[tuple[str, bool]], known: Mapping[str, int]
) -> dict[tuple[str, bool], int]:
    """Number of each kind, a name and whether it is published: the known one, or one behind all."""
    found: dict[tuple[str, bool], int] = {}
    following = max(known.values(), default=-1) + 1
    for name, published in kinds:
        if not published and name in known:
            found[name, published] = known[name]
        else:
            found[name, published] = following
            following += 1
    return found


def _series(number: int, column: str, family: Family, most: int, top: float) -> Series:
    """Points of a family in view in the number-th panel, from the least complex network on."""
    x = np.asarray(family.columns[column], dtype=np.float64)
    y = np.asarray(family.errors, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(x) & (y <= top))
    some = known[shown_points(y[known], most)]
    some = some[np.argsort(x[some], kind='stable')]
    label = f'{family.name} (published)' if family.published else family.name
    return Series(number, label, x[some], y[some], names=[family.networks[index] for index in some])


def _draw(axes: Axes, series: Series, number: int, family: Family, families: int) -> Line2D:
    """Draw a family in the look of the number-th of some; returns its handle in the legend."""
    if not (family.published or family.joined):
        return draw_points(axes, series.x, series.y, number, families)
    look = marked_line(number)
    if family.published:
        look.update(linestyle=(0, (3, 2)), markerfacecolor=PAPER)
    if not family.joined:
        look.update(linestyle='none')
    (line,) = axes.plot(series.x, series.y, **look, markersize=4.5, linewidth=1.2, zorder=3)
    return line


def _data(groups: Mapping[str, Sequence[Family]], costs: Sequence[str]) -> Mapping[str, Column]:
    texts: dict[str, list[Cell]] = dict(group=[], family=[], published=[], network=[])
    numbers: dict[str, list[Numbers]] = {name: [] for name in ('error', *costs)}
    for title, group in groups.items():
        for family in group:
            n = len(family.networks)
            texts['group'] += [title] * n
            texts['family'] += [family.name] * n
            texts['published'] += [int(family.published)] * n
            texts['network'] += family.networks
            numbers['error'].append(family.errors)
            for name in costs:
                numbers[name].append(family.columns[name])
    return {**texts, **{name: np.concatenate([[], *parts]) for name, parts in numbers.items()}}


@drawn
def scaling_plot(
    key: str,
    types: Sequence[Family],
    label: str = 'error (%)',
    looks: Mapping[str, int] | None = None,
) -> Plot:
    """Draw activations, parameters and, where some are known, errors of scaled networks.

    They are drawn against flops, with a line per type of scaling; both axes of a panel of costs are
    logarithmic where they reach far, so that exponents are slopes.

    Args:
        key: of the plot.
        types: by type of scaling, networks of growing flops; errors may all be NaN.
        label: of the axis of errors. Default: 'error (%)'.
        looks: number of each type among all of the page. Default: their order.

    Returns:
        The plot; its data has a row per type and network.
    """
    look_of = looks or {family.name: number for number, family in enumerate(types)}
    errors = finite(*(family.errors for family in types))
    shown = ['activations', 'parameters', 'error'][: 3 if len(errors) else 2]
    layout = Layout(len(shown), height=2.1, legend=len(types))
    figure, panels = layout.figure()
    flops = finite(*(family.columns['flops'] for family in types))
    series: list[Series] = []
    for number, (axes, name) in enumerate(zip(panels, shown)):
        set_axis(axes.xaxis, 'flops', flops)
        if name == 'error':
            set_error_axis(axes.yaxis, limits_of(errors), label)
        else:
            set_axis(axes.yaxis, name, finite(*(family.columns[name] for family in types)))
        if not len(flops):
            note_no_data(axes, 'no network was scaled')
        for family in types:
            line = _course(number, name, family)
            look = marked_line(look_of[family.name])
            axes.plot(line.x, line.y, **look, markersize=4, linewidth=1.2, zorder=3)
            series.append(line)
    names = [one_line(family.name, NAME) for family in types]
    handles = [
        Line2D([], [], markersize=4, **marked_line(look_of[family.name])) for family in types
    ]
    legend_below(figure, handles, names)
    return Plot(
        key,
        figure,
        _data({'': types}, COUNTS),
        tuple(series),
        split=layout.margins,
        legend=[(text, look_of[family.name]) for text, family in zip(names, types)],
    )


def _course(number: int, name: str, family: Family) -> Series:
    """What is known of scaled networks in the number-th panel, by their flops."""
    flops = np.asarray(family.columns['flops'], dtype=np.float64)
    values = family.errors if name == 'error' else family.columns[name]
    y = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(flops) & np.isfinite(y))
    some = known[np.argsort(flops[known], kind='stable')]
    networks = [family.networks[index] for index in some]
    return Series(number, family.name, flops[some], y[some], names=networks)
