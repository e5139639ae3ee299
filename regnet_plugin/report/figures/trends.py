"""Best networks across flop regimes, and what complexity and time they take (figures 11 and 12)."""

import numpy as np
from matplotlib.lines import Line2D

from regnet_plugin.report.figures.marks import empty, points, shown
from regnet_plugin.report.figures.panels import NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, label_of, set_axis
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import INK, line, marker, one_line

_CURVE = 100  # points of a fitted curve


@drawn
def trend_plot(key, trends):
    """Draw the empirical bootstrap's range and median of parameters against flops (figure 11), a
    panel each.

    Args:
        key (str): of the plot.
        trends (Mapping[str, Mapping[str, Trend]]): by parameter, as in `Records.columns`, and by
            design space; see `regnet_plugin.analysis.trend`.

    Returns:
        Plot: its data has a row per parameter, space and regime.
    """
    spaces = list(dict.fromkeys(space for found in trends.values() for space in found))
    figure, panels = Layout(len(trends), legend=len(spaces)).figure()
    series, rows = [], []
    for number, (axes, (parameter, found)) in enumerate(zip(panels, trends.items())):
        bounds = {
            space: np.array([(one.low, one.median, one.high) for one in trend.ranges])
            .reshape(-1, 3)
            .T
            for space, trend in found.items()
        }
        set_axis(axes.xaxis, 'flops', finite(*(trend.flops for trend in found.values())))
        set_axis(axes.yaxis, parameter, finite(*bounds.values()))
        for space, (low, median, high) in bounds.items():
            flops, look = found[space].flops, spaces.index(space)
            axes.fill_between(flops, low, high, color=line(look)['color'], alpha=0.14, linewidth=1)
            axes.plot(flops, median, markersize=3.5, **{**line(look), **marker(look)})
            ranges = [
                f'{one.level:.0%}: {one.low:.4g} to {one.high:.4g}' for one in found[space].ranges
            ]
            series.append(Series(number, space, flops, median, names=ranges))
            rows += zip(
                [parameter] * len(flops),
                [space] * len(flops),
                flops.tolist(),
                *(part.tolist() for part in (low, median, high)),
                [one.n for one in found[space].ranges],
            )
        if not finite(*bounds.values()).size:
            empty(axes)
    legend_below(
        figure,
        [
            Line2D([], [], markersize=3.5, **{**line(number), **marker(number)})
            for number in range(len(spaces))
        ],
        [one_line(space, NAME) for space in spaces],
    )
    columns = ('parameter', 'space', 'flops', 'low', 'median', 'high', 'networks')
    return Plot(
        key, figure, dict(zip(columns, zip(*rows))) or {name: () for name in columns}, tuple(series)
    )


@drawn
def complexity_plot(key, populations, fits):
    """Draw activations, parameters and times of networks against flops, with fitted curves (figure
    12, bottom).

    Of a population of more than 1000 networks, the 200 of the least values and an even part of the
    others are shown.

    Args:
        key (str): of the plot.
        populations (Mapping[str, Mapping[str, array_like]]): by population: ``network`` (names),
            ``flops`` and the columns of ``fits``; of the best networks, say.
        fits (Mapping[str, Fit]): by column, such as ``activations`` or ``latency``: a panel each;
            see `regnet_plugin.analysis.fit_activations` and so on.

    Returns:
        Plot: its data has a row per panel and network.
    """
    figure, panels = Layout(
        len(fits), columns=2, height=2, legend=len(populations), titles=2
    ).figure()
    for axes, (column, fit) in zip(panels, fits.items()):
        axes.set_title(_formula(column, fit), fontsize=7.5)
        flops = _known(populations, 'flops', column)[0]
        if len(flops) and np.isfinite(fit.coefficients).all():
            curve = np.geomspace(flops.min(), flops.max(), _CURVE)
            axes.plot(curve, fit(curve), color=INK, linewidth=1.2, zorder=1.9)
    return _against(key, figure, panels, populations, [('flops', column) for column in fits])


@drawn
def latency_plot(key, populations, comparison, column='latency'):
    """Draw a measured time against flops and against activations, side by side (figure 12, top).

    Args:
        key (str): of the plot.
        populations (Mapping[str, Mapping[str, array_like]]): by population: ``network`` (names),
            ``flops``, ``activations`` and the time, in seconds.
        comparison (PredictorComparison): of all of them, see
            `regnet_plugin.analysis.compare_predictors`.
        column (str): ``latency`` or ``training_step``. Default: 'latency'.

    Returns:
        Plot: as that of `complexity_plot`.
    """
    figure, panels = Layout(
        2, columns=2, height=2.2, legend=len(populations), titles=1, shared=True
    ).figure()
    for axes, name in zip(panels, ('flops', 'activations')):
        axes.set_title(f'R² = {getattr(comparison, name):.2f} of a straight line', fontsize=8)
    return _against(key, figure, panels, populations, [('flops', column), ('activations', column)])


def _against(key, figure, panels, populations, pairs):
    series, rows, handles = [], [], {}
    for number, (axes, pair) in enumerate(zip(panels, pairs)):
        known = _known(populations, *pair)
        set_axis(axes.xaxis, pair[0], known[0])
        set_axis(axes.yaxis, pair[1], known[1])
        for look, (name, columns) in enumerate(populations.items()):
            x, y = (np.asarray(columns[column], dtype=float) for column in pair)
            some = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
            some = some[shown(y[some])]
            handles[name] = points(axes, x[some], y[some], look)
            series.append(
                Series(
                    number,
                    name,
                    x[some],
                    y[some],
                    names=[columns['network'][index] for index in some],
                )
            )
            rows += [
                (name, network, pair[0], x_value, pair[1], y_value)
                for network, x_value, y_value in zip(columns['network'], x.tolist(), y.tolist())
            ]
        if not len(known[0]):
            empty(axes, 'nothing was measured')
    legend_below(figure, handles.values(), [one_line(name, NAME) for name in handles])
    names = ('population', 'network', 'x', 'x_value', 'y', 'y_value')
    return Plot(
        key, figure, dict(zip(names, zip(*rows))) or {name: () for name in names}, tuple(series)
    )


def _known(populations, *pair):
    """Values of both columns where both are known, of all populations."""
    values = [
        [value for columns in populations.values() for value in columns[column]] for column in pair
    ]
    values = np.array(values, dtype=float)
    return values[:, np.isfinite(values).all(axis=0)]


def _formula(column, fit):
    text = (
        fit.text.replace(fit.quantity, label_of(column), 1)
        .replace('sqrt(f)', '√f')
        .replace('R^2', 'R²')
    )
    return '\n('.join(text.rsplit(' (', 1))
