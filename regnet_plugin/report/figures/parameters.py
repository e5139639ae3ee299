"""Error against parameters, stages, settings and e_fit, with the empirical bootstrap.

See figures 2, 5, 8 and 21.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis import Bootstrap
from regnet_plugin.report.figures.marks import (
    BEST,
    SHOWN,
    draw_bootstrap,
    draw_dots,
    note_no_data,
    shown_points,
)
from regnet_plugin.report.figures.panels import LABEL, NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import (
    finite,
    limits_of,
    set_axis,
    set_error_axis,
    top_of_view,
)
from regnet_plugin.report.plot import Cell, Column, Plot, Series
from regnet_plugin.report.style import BAND, INK, SERIES, one_line


@dataclass(frozen=True, eq=False)
class _Panel:
    """Errors of n networks against one column.

    Attributes:
        population: its name.
        column: name of the column.
        values: n numbers, NaN where unknown.
        errors: n errors; +inf is not drawn.
        bootstrap: of the values.
        networks: n names.
    """

    population: str
    column: str
    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    bootstrap: Bootstrap
    networks: Sequence[str]


@drawn
def parameter_plot(
    key: str,
    population: str,
    columns: Mapping[str, ArrayLike],
    errors: ArrayLike,
    bootstraps: Mapping[str, Bootstrap],
    networks: Sequence[str],
    label: str = 'error (%)',
) -> Plot:
    """Draw the errors of a population against values of its networks, a panel each.

    A panel shows at most 1000 networks, the 200 best of which and an even part of the others; the
    data has all.

    Args:
        key: of the plot.
        population: its name.
        columns: n values each, by their name in `Records.columns`; NaN where unknown.
        errors: n errors; +inf is not drawn.
        bootstraps: by the same names, of `regnet_plugin.analysis.empirical_bootstraps`.
        networks: n names.
        label: of the axis of errors. Default: 'error (%)'.

    Returns:
        The plot; its data has a row per network and a column per parameter, the bootstrap's bounds
        in rows of their own.
    """
    errors = np.asarray(errors, dtype=np.float64)
    panels = []
    for name, column in columns.items():
        values = np.asarray(column, dtype=np.float64)
        panels.append(_Panel(population, name, values, errors, bootstraps[name], networks))
    return _scatter(key, panels, label, title=one_line(population, NAME))


@drawn
def e_fit_plot(
    key: str,
    e_fits: Mapping[str, ArrayLike],
    errors: Mapping[str, ArrayLike],
    bootstraps: Mapping[str, Bootstrap],
    networks: Mapping[str, Sequence[str]],
    label: str = 'error (%)',
) -> Plot:
    """Draw errors against e_fit, a panel per population (figure 8, bottom).

    Args:
        key: of the plot.
        e_fits: n values by population, see `regnet_plugin.core.linear_fit`; NaN where unknown.
        errors: n errors by population; +inf is not drawn.
        bootstraps: by population, of its e_fit.
        networks: n names by population.
        label: of the axis of errors. Default: 'error (%)'.

    Returns:
        The plot; its data is as that of `parameter_plot`, and its panels share both axes.
    """
    panels = []
    for name, column in e_fits.items():
        panels.append(
            _Panel(
                population=name,
                column='e_fit',
                values=np.asarray(column, dtype=np.float64),
                errors=np.asarray(errors[name], dtype=np.float64),
                bootstrap=bootstraps[name],
                networks=networks[name],
            )
        )
    limits = limits_of(finite([0.0], *e_fits.values()))
    return _scatter(key, panels, label, limits=limits)


def _scatter(
    key: str,
    panels: Sequence[_Panel],
    label: str,
    title: str = '',
    limits: tuple[float, float] | None = None,
) -> Plot:
    """Draw panels, at least one.

    Args:
        key: of the plot.
        panels: what they show.
        label: of the axis of errors.
        title: above all. Default: each panel has the name of its population.
        limits: of the axes of values. Default: each has its own.
    """
    errors = finite(*(panel.errors for panel in panels))
    top = max((top_of_view(finite(panel.errors)) for panel in panels), default=np.nan)
    view = limits_of(errors[errors <= top])
    remarks = []
    if max(np.isfinite(panel.errors).sum() for panel in panels) > SHOWN:
        remarks.append(
            f'A panel shows the {BEST} best networks and an even part of the others, {SHOWN} in '
            'all.'
        )
    outside = np.count_nonzero(errors > top)
    if outside:
        remarks.append(f'{outside} networks with errors above {view[1]:.4g} are outside.')
    layout = Layout(
        len(panels),
        shared=True,
        legend=1 + len(remarks),
        titles=0 if title else 1,
        title=title,
    )
    figure, axes_of_panels = layout.figure()
    series = []
    for number, (axes, panel) in enumerate(zip(axes_of_panels, panels)):
        axes.set_title('' if title else one_line(panel.population, LABEL))
        set_axis(axes.xaxis, panel.column, panel.values, limits)
        set_error_axis(axes.yaxis, view, label)
        drawn_series = _draw(axes, number, panel)
        if drawn_series is not None:
            series.append(drawn_series)
    _draw_legend(figure, panels, remarks)
    return Plot(key, figure, _data(panels), tuple(series))


def _draw(axes: Axes, number: int, panel: _Panel) -> Series | None:
    """Draw a panel, the number-th; None where it has no point."""
    known = np.flatnonzero(np.isfinite(panel.values) & np.isfinite(panel.errors))
    if not len(known):
        note_no_data(axes)
        return None
    draw_bootstrap(axes, panel.bootstrap)
    some = known[shown_points(panel.errors[known])]
    x, y = panel.values[some], panel.errors[some]
    draw_dots(axes, x, y, SERIES[0])
    return Series(number, panel.population, x, y, names=[panel.networks[index] for index in some])


def _draw_legend(figure: Figure, panels: Sequence[_Panel], remarks: Sequence[str]) -> None:
    """Draw the legend of the bootstrap, where a panel has one, and the remarks."""
    handles: list[Patch | Line2D] = []
    texts: list[str] = []
    if any(np.isfinite(panel.bootstrap.median) for panel in panels):
        level = 100 * panels[0].bootstrap.level
        handles = [Patch(color=BAND), Line2D([], [], color=INK, linewidth=1.2)]
        texts = [
            f'values of the best networks ({level:g}% bootstrap)',
            'most likely best value',
        ]
    legend_below(figure, handles, texts, 2, remarks)


def _data(panels: Sequence[_Panel]) -> Mapping[str, Column]:
    """Columns of the CSV: a row per network, a column per parameter.

    After the networks of a population there are three rows for the bounds of the bootstrap.
    """
    by_population: dict[str, list[_Panel]] = {}
    for panel in panels:
        by_population.setdefault(panel.population, []).append(panel)
    populations: list[Cell] = []
    what: list[Cell] = []
    networks: list[Cell] = []
    numbers: dict[str, list[NDArray[np.float64]]] = {'error': []}
    for population, its_panels in by_population.items():
        first = its_panels[0]
        n = len(first.errors)
        populations += [population] * (n + 3)
        what += ['network'] * n
        what += ['bootstrap low', 'bootstrap median', 'bootstrap high']
        networks += [*first.networks, '', '', '']
        numbers['error'] += [first.errors, np.full(3, np.nan)]
        for panel in its_panels:
            bootstrap = panel.bootstrap
            bounds = np.array([bootstrap.low, bootstrap.median, bootstrap.high])
            numbers.setdefault(panel.column, []).extend([panel.values, bounds])
    joined = {name: np.concatenate(parts) for name, parts in numbers.items()}
    return {'population': populations, 'what': what, 'network': networks, **joined}
