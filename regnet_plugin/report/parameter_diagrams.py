"""Diagrams of networks without stages: the value of each parameter, beside those of the others."""

from collections.abc import Iterator, Sequence
from math import ceil, log, sqrt
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.report.drawing.style import SERIES

_COLUMNS = 4  # panels in a row
_INCHES = 0.2  # height of a parameter
_BLUE = SERIES[0]


def parameter_sheet(
    networks: Sequence[tuple[str, Sample]], titles: Sequence[str], page: int
) -> Iterator[Figure]:
    """Draw the parameters of networks: a bar from the least value of all networks to the greatest.

    Args:
        networks: at least one, each with what to call it.
        titles: of the panels, one per network.
        page: networks on a page.

    Yields:
        The pages.
    """
    every = [drawn_values(sample) for _, sample in networks]
    names = list(dict.fromkeys(name for values in every for name in values))
    if len(networks) > 1:  # what all networks share says nothing, unless they share all
        names = [name for name in names if _differs(name, every)] or names
    places = {name: _places([values.get(name) for values in every]) for name in names}
    for start in range(0, len(networks), page):
        shown = range(start, min(start + page, len(networks)))
        columns = min(_COLUMNS, ceil(sqrt(len(shown))))
        rows = ceil(len(shown) / columns)
        height = _INCHES * len(names) + 0.7
        figure = Figure(figsize=(3.7 * columns + 0.4, height * rows + 0.3), layout='constrained')
        panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
        for axes, number in zip(panels, shown):
            bars = [places[name][number] for name in names]
            _draw(axes, names, bars, [every[number].get(name) for name in names], titles[number])
        panels[0].invert_yaxis()  # of all, which share it
        for axes in panels[len(shown) :]:
            axes.remove()
        yield figure


def _differs(name: str, every: Sequence[dict[str, Any]]) -> bool:
    return len({repr(values.get(name)) for values in every}) > 1


def drawn_values(sample: Sample) -> dict[str, Any]:
    """Return what was drawn of a network, with the settings beside it, by name."""
    settings = dict(lr=sample.lr, weight_decay=sample.weight_decay, resolution=sample.resolution)
    known = {name: value for name, value in settings.items() if value is not None}
    return {**sample.parameters, **known}


def _places(values: Sequence[Any]) -> list[float]:
    """Where each value is from the least, 0, to the greatest, 1; names by their alphabet."""
    known = [value for value in values if value is not None]
    if any(isinstance(value, (str, list)) for value in known):
        order = sorted({str(value) for value in known})
        numbers = {id(value): order.index(str(value)) for value in known}
        return _between([None if value is None else numbers[id(value)] for value in values])
    positive = bool(known) and min(known) > 0
    return _between([value if value is None or not positive else log(value) for value in values])


def _between(numbers: Sequence[float | None]) -> list[float]:
    known = [number for number in numbers if number is not None]
    least, most = min(known), max(known)
    if least == most:
        return [0.0 if number is None else 1.0 for number in numbers]
    return [0.0 if number is None else (number - least) / (most - least) for number in numbers]


def _draw(
    axes: Axes, names: Sequence[str], places: Sequence[float], values: Sequence[Any], title: str
) -> None:
    rows = range(len(names))
    axes.barh(rows, [1.0] * len(names), color=_BLUE, alpha=0.08, height=0.7)
    axes.barh(rows, places, color=_BLUE, alpha=0.5, height=0.7)
    for row, value in zip(rows, values):
        shown = '–' if value is None else f'{value:.4g}' if isinstance(value, float) else str(value)
        axes.text(0.02, row, shown, va='center', fontsize=7)
    axes.set_yticks(list(rows), list(names), fontsize=7)
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    axes.spines[['top', 'right', 'bottom']].set_visible(False)
    axes.set_title(title, loc='left', fontsize=7, linespacing=1.25)
