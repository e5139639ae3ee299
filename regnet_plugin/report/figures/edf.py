"""Error EDFs (figures 2, 5, 7, 9 and 10)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis import EDF, Band
from regnet_plugin.report.drawing.plot import Cell, Column, Plot, Series
from regnet_plugin.report.drawing.style import PAPER, SERIES, line, one_line
from regnet_plugin.report.figures.labels import Label, place_labels
from regnet_plugin.report.figures.marks import note_in_corner, note_no_data
from regnet_plugin.report.figures.panels import (
    LABEL,
    NAME,
    SINGLE,
    WIDE,
    Layout,
    drawn,
    legend_below,
)
from regnet_plugin.report.figures.scales import finite, limits_of, set_error_axis, top_of_view

_FINEST = 2000  # steps of a curve; of more of them, each is about a tenth of a point high
_FINEST_OF_MANY = 250  # steps of each of many curves, which hide each other
_MANY = 8  # curves
_HALF = 42  # characters of a legend's text that leave place for a second one beside it
_TOP = 1.01  # of the axis of probabilities, so that the curves' ends are seen


def draw_edf(
    axes: Axes,
    edfs: Mapping[str, EDF],
    bands: Mapping[str, Band] | None = None,
    failed: Mapping[str, int] | None = None,
    label: str = 'error (%)',
    legend: bool = True,
    looks: Mapping[str, int] | None = None,
) -> tuple[list[Line2D], list[str]]:
    """Draw EDFs on axes of one's own, as in figure 2.

    Steps are exact, and the legend has "[minimum | mean] name". Where a few errors are far above
    all others, the axis ends before them and their number is noted.

    Args:
        axes: to draw on.
        edfs: of `regnet_plugin.analysis.edf`, by name of the population.
        bands: confidence bands of some of them, see `EDF.band`. Default: none.
        failed: number of networks that failed and are not in the EDF, for the legend, by name.
            Default: none.
        label: of the axis of errors. Default: 'error (%)'.
        legend: draw one on the axes. Default: True.
        looks: number of each population, which its colour and its dashes follow from. Default:
            their order.

    Returns:
        Lines and texts for a legend.
    """
    bands = bands or {}
    failed = failed or {}
    left, right = _view(edfs)
    looks = looks or _in_order(edfs)
    lines = []
    texts = []
    for name, edf in edfs.items():
        look = line(looks[name])
        steps = _stairs(*_steps_and_values(edf, len(edfs)), left, right)
        lines += axes.plot(*steps, **look, zorder=3)
        texts.append(_legend_text(name, edf, failed.get(name)))
        if name in bands:
            _draw_band(axes, bands[name], left, right, look['color'])
    set_error_axis(axes.xaxis, (left, right), label)
    axes.set_ylim(0, _TOP)
    axes.set_ylabel('cumulative probability')
    note = _note_of_outside(edfs, right)
    if note:
        note_in_corner(axes, note)
    if legend:
        for text in axes.legend(lines, texts, loc='best').get_texts():
            text.set_parse_math(False)
    return lines, texts


@drawn
def edf_plot(
    key: str,
    edfs: Mapping[str, EDF],
    bands: Mapping[str, Band] | None = None,
    failed: Mapping[str, int] | None = None,
    label: str = 'error (%)',
    title: str = '',
    size: tuple[float, float] = (SINGLE, 2.5),
    looks: Mapping[str, int] | None = None,
    within: tuple[str, float, float] | None = None,
) -> Plot:
    """Draw EDFs as a figure of the report, with the names at the curves; see `draw_edf`.

    Where there is no room for the names they are in a legend below.

    Args:
        key: of the plot.
        edfs, bands, failed, label: as `draw_edf` takes them.
        title: above the panel, such as what the errors are normalised by. Default: ''.
        size: inches: width of the figure, and height of the panel. Default: one column.
        looks: number of each population among all of the page. Default: their order.
        within: what networks the EDFs are of, see `Series.within`. Default: all.

    Returns:
        The plot; its data has each step, with F right of it (and the band's bounds).
    """
    width, height = size
    failed = failed or {}
    view = _view(edfs)
    looks = looks or _in_order(edfs)
    labels = _labels(edfs, failed, looks, view, width - Layout.around, height)
    texts = [_legend_text(name, edf, failed.get(name)) for name, edf in edfs.items()]
    columns = 2 if width >= WIDE and max(map(len, texts), default=0) <= _HALF else 1
    layout = Layout(
        1,
        height=height,
        width=width,
        legend=0 if labels else -(-len(texts) // columns),
        titles=1 if title else 0,
    )
    figure, (axes,) = layout.figure()
    if not any(edf.n for edf in edfs.values()):
        note_no_data(axes)
    lines, texts = draw_edf(axes, edfs, bands, failed, label, False, looks)
    axes.set_title(title)
    if labels:
        _write_labels(axes, labels)
    else:
        legend_below(figure, lines, texts, columns)
    series = [
        Series(0, name, *steps_of(edf, len(edfs)), kind='steps', within=within)
        for name, edf in edfs.items()
    ]
    return Plot(key, figure, _data(edfs, bands or {}), tuple(series))


def _in_order(edfs: Mapping[str, EDF]) -> dict[str, int]:
    return {name: number for number, name in enumerate(edfs)}


def _labels(
    edfs: Mapping[str, EDF],
    failed: Mapping[str, int],
    looks: Mapping[str, int],
    view: tuple[float, float],
    width: float,
    height: float,
) -> dict[str, tuple[int, Label]]:
    """Where the name of each population stands in a panel, and the number of its look.

    It is empty where there is no room for them. Populations without an error have no label.
    """
    left, right = view
    curves, texts, numbers = [], [], []
    for name, edf in edfs.items():
        if not edf.n:
            continue
        x, f = _stairs(*_steps_and_values(edf, len(edfs)), left, right)
        inside = x <= right
        curves.append(((x[inside] - left) / (right - left), f[inside] / _TOP))
        of_failed = f', {failed[name]} failed' if failed.get(name) else ''
        texts.append(f'{one_line(name, LABEL)}{of_failed}')
        numbers.append(looks[name])
    order = sorted(range(len(curves)), key=lambda place: float(np.median(curves[place][0])))
    placed = None
    if len(curves) <= len(SERIES):
        placed = place_labels(
            [curves[place] for place in order],
            [texts[place] for place in order],
            width,
            height,
            _note_of_outside(edfs, right),
        )
    if placed is None:
        return {}
    return {texts[place]: (numbers[place], one) for place, one in zip(order, placed)}


def _write_labels(axes: Axes, labels: Mapping[str, tuple[int, Label]]) -> None:
    for text, (look, (x, y, side)) in labels.items():
        axes.text(
            x,
            y,
            text,
            transform=axes.transAxes,
            ha=side,
            va='center',
            color=line(look)['color'],
            fontweight='bold',
            bbox={'facecolor': PAPER, 'edgecolor': 'none', 'alpha': 0.75, 'pad': 0.5},
            zorder=6,
        )


def _note_of_outside(edfs: Mapping[str, EDF], right: float) -> str:
    """Say how many errors are beyond the end of the axis; '' where none is."""
    every = finite(*(edf.errors for edf in edfs.values()))
    outside = int(np.count_nonzero(every > right))
    return f'{outside} of {len(every)} errors are above {right:.3g}' if outside else ''


def _view(edfs: Mapping[str, EDF]) -> tuple[float, float]:
    """Limits of the axis of errors: few errors that are far above the others are outside."""
    errors = [finite(edf.errors) for edf in edfs.values()]
    top = max((top_of_view(of_one) for of_one in errors), default=np.inf)
    every = finite(*errors)
    return limits_of(every[every <= top], margin=0.04)


def _steps_and_values(edf: EDF, curves: int) -> tuple[NDArray[np.float64], list[float]]:
    """Places of the steps that are drawn, and the values before and after them."""
    x, f = steps_of(edf, curves)
    return x, [0.0, *f]


def steps_of(edf: EDF, curves: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the steps that are drawn: all, or so many that a finer one could not be seen.

    Args:
        edf: the curve.
        curves: how many there are in the figure. Default: 1.
    """
    x, f = edf.steps()
    kept = _drawn_steps(len(x), _FINEST if curves <= _MANY else _FINEST_OF_MANY)
    return x[kept], f[kept]


def _drawn_steps(n: int, finest: int = _FINEST) -> NDArray[np.intp]:
    """Indices of the steps of a curve that are drawn: all, or an even part of very many."""
    if n <= finest:
        return np.arange(n)
    evenly: NDArray[np.intp] = np.rint(np.linspace(0, n - 1, finest)).astype(np.intp)
    return evenly


def _stairs(
    x: NDArray[np.float64], values: ArrayLike, left: float, right: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of a step function from left to right, or to its last step beyond.

    Args:
        x: n places of steps, ascending.
        values: n + 1 numbers: values[0] left of x[0], values[i + 1] right of x[i].
        left, right: ends of the axis.

    Returns:
        x and value of each of the 2 n + 2 corners.
    """
    end = max(right, x[-1]) if len(x) else right
    return np.concatenate([[left], np.repeat(x, 2), [end]]), np.repeat(values, 2)


def _draw_band(axes: Axes, band: Band, left: float, right: float, color: str) -> None:
    x, low, high = band.steps()
    kept = _drawn_steps(len(x))
    low_before, high_before = band(-np.inf)
    corners, below = _stairs(x[kept], [low_before, *low[kept]], left, right)
    _, above = _stairs(x[kept], [high_before, *high[kept]], left, right)
    axes.fill_between(corners, below, above, color=color, alpha=0.15, linewidth=0, zorder=1)


def _legend_text(name: str, edf: EDF, failed: int | None) -> str:
    numbers = f'[{edf.minimum:.2f} | {edf.mean:.2f}]' if edf.n else '[no errors]'
    text = f'{numbers} {one_line(name, NAME - len(numbers))}'
    return f'{text}, {failed} failed' if failed else text


def _data(edfs: Mapping[str, EDF], bands: Mapping[str, Band]) -> dict[str, Column]:
    """Columns of the CSV, a row per population and step; bounds are NaN where there is no band."""
    populations: list[Cell] = []
    names = ['error', 'cumulative_probability', *(('low', 'high') if bands else ())]
    numbers: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    for name, edf in edfs.items():
        steps = edf.steps()
        unknown = np.full(len(steps[0]), np.nan)
        bounds = bands[name].steps()[1:] if name in bands else (unknown, unknown)
        populations += [name] * len(unknown)
        for column, values in zip(numbers.values(), (*steps, *bounds)):
            column.append(values)
    joined = {name: np.concatenate([[], *parts]) for name, parts in numbers.items()}
    return {'population': populations, **joined}
