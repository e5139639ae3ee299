"""Best networks across flop regimes, and what complexity and time they take (figures 11 and 12)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from regnet_plugin.analysis import Fit, PredictorComparison, Trend
from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series, columns_of
from regnet_plugin.report.drawing.style import INK, line, marked_line, one_line
from regnet_plugin.report.figures.marks import draw_points, most_shown, note_no_data, shown_points
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, label_of, set_axis

_CURVE = 100  # points of a fitted curve, which then looks smooth

# Columns of a population by name; ``network`` has names, all others have numbers.
NamedColumns = Mapping[str, Column]


@drawn
def trend_plot(key: str, trends: Mapping[str, Mapping[str, Trend]], cost: str = 'flops') -> Plot:
    """Draw ranges and medians of the best networks' parameters against flops (figure 11).

    There is a panel per parameter; ranges are those of the empirical bootstrap.

    Args:
        key: of the plot.
        trends: by parameter, as in `Records.columns`, and by design space; see
            `regnet_plugin.analysis.trend`.
        cost: column that is on the axis of flops. Default: 'flops'.

    Returns:
        The plot; its data has a row per parameter, space and regime.
    """
    spaces = list(dict.fromkeys(space for by_space in trends.values() for space in by_space))
    layout = Layout(len(trends), legend=len(spaces))
    figure, panels = layout.figure()
    series = []
    for number, (axes, (parameter, by_space)) in enumerate(zip(panels, trends.items())):
        _set_trend_axes(axes, parameter, by_space, cost)
        for space, trend in by_space.items():
            series.append(_draw_trend(axes, number, space, spaces.index(space), trend))
    legend_below(
        figure,
        [Line2D([], [], markersize=3.5, **marked_line(number)) for number in range(len(spaces))],
        [one_line(space, NAME) for space in spaces],
    )
    return Plot(
        key,
        figure,
        _trend_data(trends, cost),
        tuple(series),
        split=layout.margins,
        legend=[(one_line(space, NAME), number) for number, space in enumerate(spaces)],
    )


def _set_trend_axes(axes: Axes, parameter: str, by_space: Mapping[str, Trend], cost: str) -> None:
    """Set both axes for the trends of a parameter."""
    flops = finite(*(trend.flops for trend in by_space.values()))
    values = finite(*(bound for trend in by_space.values() for bound in _bounds(trend)))
    set_axis(axes.xaxis, cost, flops)
    set_axis(axes.yaxis, parameter, values)
    if not len(values):
        note_no_data(axes)


def _draw_trend(axes: Axes, number: int, space: str, look: int, trend: Trend) -> Series:
    """Draw the trend of a space in the number-th panel, in the look of a series."""
    low, median, high = _bounds(trend)
    axes.fill_between(trend.flops, low, high, color=line(look)['color'], alpha=0.14, linewidth=1)
    axes.plot(trend.flops, median, markersize=3.5, **marked_line(look))
    ranges = [f'{one.level:.0%}: {one.low:.4g} to {one.high:.4g}' for one in trend.ranges]
    return Series(number, space, trend.flops, median, names=ranges)


def _bounds(
    trend: Trend,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Low, median and high of the k regimes; NaN where there are none."""
    low = np.array([one.low for one in trend.ranges])
    median = np.array([one.median for one in trend.ranges])
    high = np.array([one.high for one in trend.ranges])
    return low, median, high


def _trend_data(trends: Mapping[str, Mapping[str, Trend]], cost: str) -> Mapping[str, Column]:
    rows: list[tuple[Cell, ...]] = []
    for parameter, by_space in trends.items():
        for space, trend in by_space.items():
            for flops, one in zip(trend.flops.tolist(), trend.ranges):
                rows.append((parameter, space, flops, one.low, one.median, one.high, one.n))
    return columns_of(('parameter', 'space', cost, 'low', 'median', 'high', 'networks'), rows)


@drawn
def complexity_plot(
    key: str,
    populations: Mapping[str, NamedColumns],
    fits: Mapping[str, Fit | None],
    looks: Mapping[str, int] | None = None,
    cost: str = 'flops',
) -> Plot:
    """Draw activations, parameters and times against flops, with fitted curves.

    See figure 12, bottom. Of a population of more than 1000 networks, the 200 of the least values
    and an even part of the others are shown.

    Args:
        key: of the plot.
        populations: by name of the population ``network`` (names), ``flops`` and the columns of
            ``fits``; of the best networks, say.
        fits: by column, such as ``activations`` or ``latency``: a panel each; see
            `regnet_plugin.analysis.fit_activations` and so on; None for a panel without a curve.
        looks: number of each population among all of the page. Default: their order.
        cost: column that is on the axis of flops. Default: 'flops'.

    Returns:
        The plot; its data has a row per panel and network.
    """
    layout = Layout(len(fits), columns=2, height=2, legend=len(populations), titles=2)
    figure, panels = layout.figure()
    for axes, (column, fit) in zip(panels, fits.items()):
        if fit is None:
            continue
        axes.set_title(_formula(column, fit), fontsize=7.5)
        flops, _ = _known(populations, 'flops', column)
        if len(flops) and np.isfinite(fit.coefficients).all():
            curve = np.geomspace(flops.min(), flops.max(), _CURVE)
            axes.plot(curve, fit(curve), color=INK, linewidth=1.2, zorder=1.9)
    pairs = [(cost, column) for column in fits]
    return _scatter(key, layout, figure, panels, populations, pairs, looks)


@drawn
def latency_plot(
    key: str,
    populations: Mapping[str, NamedColumns],
    comparison: PredictorComparison,
    column: str = 'latency',
    looks: Mapping[str, int] | None = None,
) -> Plot:
    """Draw a measured time against flops and against activations (figure 12, top).

    Args:
        key: of the plot.
        populations: by name of the population ``network`` (names), ``flops``, ``activations`` and
            the time, in seconds.
        comparison: of all of them, see `regnet_plugin.analysis.compare_predictors`.
        column: ``latency`` or ``training_step``. Default: 'latency'.
        looks: number of each population among all of the page. Default: their order.

    Returns:
        The plot; its data is as that of `complexity_plot`.
    """
    layout = Layout(2, columns=2, height=2.2, legend=len(populations), titles=1)
    figure, panels = layout.figure()
    for axes, r_squared in zip(panels, (comparison.flops, comparison.activations)):
        axes.set_title(f'R² = {r_squared:.2f} of a straight line', fontsize=8)
    pairs = [('flops', column), ('activations', column)]
    return _scatter(key, layout, figure, panels, populations, pairs, looks)


@drawn
def predicted_plot(
    key: str,
    populations: Mapping[str, NamedColumns],
    pairs: Sequence[tuple[str, str]],
    looks: Mapping[str, int] | None = None,
) -> Plot:
    """Draw measured times against predicted ones, with the line on which both are the same.

    Args:
        key: of the plot.
        populations: by name of the population ``network`` (names) and the columns of the pairs.
        pairs: columns of what is predicted and what was measured, a panel each.
        looks: number of each population among all of the page. Default: their order.

    Returns:
        The plot; its data is as that of `complexity_plot`.
    """
    # numbers such as "100 ms" are wider than others
    layout = Layout(len(pairs), columns=2, height=2.4, left=0.75, legend=len(populations))
    figure, panels = layout.figure()
    for axes, pair in zip(panels, pairs):
        ends = np.concatenate(_known(populations, *pair))
        if len(ends):
            both = [ends.min(), ends.max()]
            axes.plot(both, both, color=INK, linewidth=1, zorder=1.9)
    return _scatter(key, layout, figure, panels, populations, pairs, looks)


def _scatter(
    key: str,
    layout: Layout,
    figure: Figure,
    panels: Sequence[Axes],
    populations: Mapping[str, NamedColumns],
    pairs: Sequence[tuple[str, str]],
    looks: Mapping[str, int] | None,
) -> Plot:
    """Draw two columns of all populations against each other, a pair of columns per panel.

    Args:
        key: of the plot.
        layout: of the figure.
        figure: with the panels.
        panels: to draw on; titles and curves are there.
        populations: columns by name of the population.
        pairs: names of the columns on the x and the y axis of each panel.
        looks: number of each population; None for their order.
    """
    looks = looks or {name: number for number, name in enumerate(populations)}
    series: list[Series] = []
    handles: dict[str, Line2D] = {}
    for number, (axes, (x_name, y_name)) in enumerate(zip(panels, pairs)):
        x_of_all, y_of_all = _known(populations, x_name, y_name)
        set_axis(axes.xaxis, x_name, x_of_all)
        set_axis(axes.yaxis, y_name, y_of_all)
        for name, columns in populations.items():
            x, y = _numbers(columns[x_name]), _numbers(columns[y_name])
            known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
            some = known[shown_points(y[known], most_shown(len(populations)))]
            handles[name] = draw_points(axes, x[some], y[some], looks[name], len(looks))
            networks = [str(columns['network'][index]) for index in some]
            series.append(Series(number, name, x[some], y[some], names=networks))
        if not len(x_of_all):
            note_no_data(axes, 'nothing was measured')
    legend_below(figure, handles.values(), [one_line(name, NAME) for name in handles])
    return Plot(
        key,
        figure,
        _scatter_data(populations, pairs),
        tuple(series),
        split=layout.margins,
        legend=[(one_line(name, NAME), looks[name]) for name in populations],
    )


def _scatter_data(
    populations: Mapping[str, NamedColumns], pairs: Sequence[tuple[str, str]]
) -> Mapping[str, Column]:
    texts: dict[str, list[Cell]] = dict(population=[], network=[], x=[], y=[])
    numbers: dict[str, list[NDArray[np.float64]]] = dict(x_value=[], y_value=[])
    for x_name, y_name in pairs:
        for name, columns in populations.items():
            n = len(columns['network'])
            texts['population'] += [name] * n
            texts['network'] += columns['network']
            texts['x'] += [x_name] * n
            texts['y'] += [y_name] * n
            numbers['x_value'].append(_numbers(columns[x_name]))
            numbers['y_value'].append(_numbers(columns[y_name]))
    values = {name: np.concatenate([[], *parts]) for name, parts in numbers.items()}
    data: dict[str, Column] = {**texts, **values}
    return {name: data[name] for name in ('population', 'network', 'x', 'x_value', 'y', 'y_value')}


def _known(
    populations: Mapping[str, NamedColumns], x_name: str, y_name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of two columns where both are known, of all populations one after the other."""
    x = np.concatenate([[], *(_numbers(columns[x_name]) for columns in populations.values())])
    y = np.concatenate([[], *(_numbers(columns[y_name]) for columns in populations.values())])
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def _numbers(column: Column) -> NDArray[np.float64]:
    return np.asarray(column, dtype=np.float64)


def _formula(column: str, fit: Fit) -> str:
    """The fitted formula on one line, and R^2 and n on a second one."""
    text = fit.text.replace(fit.quantity, label_of(column), 1)
    text = text.replace('sqrt(f)', '√f').replace('R^2', 'R²')
    formula, *facts = text.rsplit(' (', 1)
    return f'{formula}\n({facts[0]}' if facts else formula
