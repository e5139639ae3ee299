"""Error against parameters, stages, settings and e_fit with the empirical bootstrap (figures 2, 5,
8 and 21).
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regnet_plugin.report.figures.marks import BEST, SHOWN, band, dots, empty, shown
from regnet_plugin.report.figures.panels import LABEL, NAME, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import (
    finite,
    limits_of,
    set_axis,
    set_error_axis,
    top_of_view,
)
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import BAND, INK, SERIES, one_line

_BOUNDS = ('low', 'median', 'high')


@dataclass(frozen=True, eq=False)
class _Panel:
    population: str
    column: str
    values: np.ndarray
    errors: np.ndarray
    bootstrap: object
    networks: tuple


@drawn
def parameter_plot(key, population, columns, errors, bootstraps, networks, label='error (%)'):
    """Draw the errors of a population against values of its networks, a panel each.

    A panel shows at most 1000 networks, the 200 best of which and an even part of the others; the
    data has all.

    Args:
        key (str): of the plot.
        population (str): its name.
        columns (Mapping[str, array_like]): n values each, by their name in `Records.columns`; NaN
            where unknown.
        errors (array_like): n errors; +inf is not drawn.
        bootstraps (Mapping[str, Bootstrap]): by the same names, of
            `regnet_plugin.analysis.empirical_bootstraps`.
        networks (Sequence[str]): n names.
        label (str): of the axis of errors. Default: 'error (%)'.

    Returns:
        Plot: its data has a row per network and a column per parameter, the bootstrap's bounds in
            rows of their own.
    """
    errors = np.asarray(errors, dtype=float)
    panels = [
        _Panel(
            population, name, np.asarray(values, dtype=float), errors, bootstraps[name], networks
        )
        for name, values in columns.items()
    ]
    return _scatter(key, panels, label, title=one_line(population, NAME))


@drawn
def e_fit_plot(key, e_fits, errors, bootstraps, networks, label='error (%)'):
    """Draw errors against e_fit, a panel per population (figure 8, bottom).

    Args:
        key (str): of the plot.
        e_fits (Mapping[str, array_like]): n values by population, see
            `regnet_plugin.core.linear_fit`; NaN where unknown.
        errors (Mapping[str, array_like]): n errors by population; +inf is not drawn.
        bootstraps (Mapping[str, Bootstrap]): by population, of its e_fit.
        networks (Mapping[str, Sequence[str]]): n names by population.
        label (str): of the axis of errors. Default: 'error (%)'.

    Returns:
        Plot: as that of `parameter_plot`; its panels share both axes.
    """
    panels = [
        _Panel(
            name,
            'e_fit',
            np.asarray(values, dtype=float),
            np.asarray(errors[name], dtype=float),
            bootstraps[name],
            networks[name],
        )
        for name, values in e_fits.items()
    ]
    return _scatter(key, panels, label, limits=limits_of(finite([0.0], *e_fits.values())))


def _scatter(key, panels, label, title='', limits=None):
    errors = finite(*(panel.errors for panel in panels))
    top = max((top_of_view(finite(panel.errors)) for panel in panels), default=np.nan)
    view = limits_of(errors[errors <= top])
    remarks = []
    if max(np.isfinite(panel.errors).sum() for panel in panels) > SHOWN:
        remarks.append(
            f'A panel shows the {BEST} best networks and an even part of the others, {SHOWN} in '
            'all.'
        )
    if (errors > top).any():
        remarks.append(
            f'{(errors > top).sum()} networks with errors above {view[1]:.4g} are outside.'
        )
    layout = Layout(
        len(panels), shared=True, legend=1 + len(remarks), titles=int(not title), title=title
    )
    figure, every = layout.figure()
    series = []
    for number, (axes, panel) in enumerate(zip(every, panels)):
        axes.set_title('' if title else one_line(panel.population, LABEL))
        set_axis(axes.xaxis, panel.column, panel.values, limits)
        set_error_axis(axes.yaxis, view, label)
        series.append(_draw(axes, number, panel))
    handles = Patch(color=BAND), Line2D([], [], color=INK, linewidth=1.2)
    texts = (
        f'values of the best networks ({100 * panels[0].bootstrap.level:g}% bootstrap)',
        'most likely best value',
    )
    told = any(np.isfinite(panel.bootstrap.median) for panel in panels)
    legend_below(figure, handles if told else (), texts if told else (), 2, remarks)
    return Plot(key, figure, _data(panels), tuple(filter(None, series)))


def _draw(axes, number, panel):
    known = np.flatnonzero(np.isfinite(panel.values) & np.isfinite(panel.errors))
    if not len(known):
        empty(axes)
        return None
    band(axes, panel.bootstrap)
    some = known[shown(panel.errors[known])]
    x, y = panel.values[some], panel.errors[some]
    dots(axes, x, y, SERIES[0])
    return Series(number, panel.population, x, y, names=[panel.networks[index] for index in some])


def _data(panels):
    """A row per network, a column per parameter; after those of a population, three rows for the
    bootstrap.
    """
    data = {
        name: []
        for name in ('population', 'what', 'network', 'error', *(panel.column for panel in panels))
    }
    for population in dict.fromkeys(panel.population for panel in panels):
        those = [panel for panel in panels if panel.population == population]
        n = len(those[0].errors)
        data['population'] += [population] * (n + 3)
        data['what'] += ['network'] * n + [f'bootstrap {bound}' for bound in _BOUNDS]
        data['network'] += [*those[0].networks, '', '', '']
        data['error'] += [*those[0].errors.tolist(), np.nan, np.nan, np.nan]
        for panel in those:
            data[panel.column] += panel.values.tolist() + [
                getattr(panel.bootstrap, bound) for bound in _BOUNDS
            ]
    return data
