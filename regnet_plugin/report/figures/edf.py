"""Error EDFs (figures 2, 5, 7, 9 and 10)."""

import numpy as np

from regnet_plugin.report.figures.marks import corner_note, empty
from regnet_plugin.report.figures.panels import NAME, NARROW, WIDE, Layout, drawn, legend_below
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis, top_of_view
from regnet_plugin.report.plot import Plot, Series
from regnet_plugin.report.style import line, one_line

_FINEST = 2000  # steps of a curve; of more of them, each is about a tenth of a point high
_HALF = 42  # characters of an entry that leave place for a second one in a line of the legend


def draw_edf(axes, edfs, bands=None, failed=None, label='error (%)', legend=True):
    """Draw EDFs on axes of one's own, as in figure 2: exact steps, with "[minimum | mean] name" in
    the legend.

    Where a few errors are far above all others, the axis ends before them and their number is
    noted.

    Args:
        axes (matplotlib.axes.Axes): to draw on.
        edfs (Mapping[str, EDF]): of `regnet_plugin.analysis.edf`, by name of the population.
        bands (Mapping[str, Band], optional): confidence bands of some of them, see `EDF.band`.
        failed (Mapping[str, int], optional): networks that failed and are not in the EDF, for the
            legend.
        label (str): of the axis of errors. Default: 'error (%)'.
        legend (bool): draw one on the axes. Default: True.

    Returns:
        tuple[list[Line2D], list[str]]: lines and texts for a legend.
    """
    errors = [edf.errors[np.isfinite(edf.errors)] for edf in edfs.values()]
    every = finite(*errors)
    inside = every[every <= max(map(top_of_view, errors), default=np.inf)]
    left, right = limits_of(inside, margin=0.04)
    lines, texts = [], []
    for number, (name, edf) in enumerate(edfs.items()):
        x, f = steps_of(edf)
        lines += axes.plot(*_stairs(x, [0.0, *f], left, right), **line(number), zorder=3)
        texts.append(_entry(name, edf, (failed or {}).get(name)))
        if name in (bands or {}):
            _band(axes, bands[name], left, right, line(number)['color'])
    set_error_axis(axes.xaxis, (left, right), label)
    axes.set_ylim(0, 1.01)
    axes.set_ylabel('cumulative probability')
    if len(inside) < len(every):
        corner_note(
            axes, f'{len(every) - len(inside)} of {len(every)} errors are above {right:.4g}'
        )
    if legend:
        for text in axes.legend(lines, texts, loc='best').get_texts():
            text.set_parse_math(False)
    return lines, texts


@drawn
def edf_plot(key, edfs, bands=None, failed=None, label='error (%)', title=''):
    """Draw EDFs as a figure of the report, with the legend below; see `draw_edf`.

    Args:
        key (str): of the plot.
        edfs, bands, failed, label: as `draw_edf` takes them.
        title (str): above the panel, such as what the errors are normalised by. Default: ''.

    Returns:
        Plot: its data has each step, with F right of it (and the band's bounds).
    """
    entries = [_entry(name, edf, (failed or {}).get(name)) for name, edf in edfs.items()]
    columns = 2 if len(entries) > 4 and max(map(len, entries)) <= _HALF else 1
    layout = Layout(
        1,
        height=2.9,
        width=WIDE if len(entries) > 4 else NARROW,
        legend=-(-len(entries) // columns),
        titles=int(bool(title)),
    )
    figure, (axes,) = layout.figure()
    if not any(edf.n for edf in edfs.values()):
        empty(axes)
    lines, texts = draw_edf(axes, edfs, bands, failed, label, legend=False)
    axes.set_title(title)
    legend_below(figure, lines, texts, columns)
    series = tuple(Series(0, name, *steps_of(edf), 'steps') for name, edf in edfs.items())
    return Plot(key, figure, _data(edfs, bands or {}), series)


def steps_of(edf):
    """The steps that are drawn: all, or so many that a finer one could not be seen."""
    return _thinned(edf.steps())


def _thinned(columns):
    n = len(columns[0])
    if n <= _FINEST:
        return columns
    kept = np.rint(np.linspace(0, n - 1, _FINEST)).astype(int)
    return tuple(column[kept] for column in columns)


def _stairs(x, values, left, right):
    """Corners of a step function that has values[0] left of x[0], values[i + 1] right of x[i]."""
    ends = np.concatenate([[left], np.repeat(x, 2), [max([right, *x[-1:]])]])
    return ends, np.repeat(values, 2)


def _band(axes, band, left, right, color):
    x, low, high = _thinned(band.steps())
    start = band(-np.inf)
    corners, below = _stairs(x, [start[0], *low], left, right)
    corners, above = _stairs(x, [start[1], *high], left, right)
    axes.fill_between(corners, below, above, color=color, alpha=0.15, linewidth=0, zorder=1)


def _entry(name, edf, failed):
    numbers = f'[{edf.minimum:.2f} | {edf.mean:.2f}] ' if edf.n else '[no errors] '
    return numbers + one_line(name, NAME) + (f', {failed} failed' if failed else '')


def _data(edfs, bands):
    steps = {name: edf.steps() for name, edf in edfs.items()}
    data = dict(
        population=[name for name, (x, _) in steps.items() for _ in x],
        error=np.concatenate([x for x, _ in steps.values()] or [[]]),
        cumulative_probability=np.concatenate([f for _, f in steps.values()] or [[]]),
    )
    if bands:
        bounds = [
            bands[name].steps()[1:] if name in bands else np.full((2, len(x)), np.nan)
            for name, (x, _) in steps.items()
        ]
        data['low'], data['high'] = (np.concatenate(bound) for bound in zip(*bounds))
    return data
