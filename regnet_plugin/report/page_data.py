"""What the page's script is given: the table of networks and other values, as JSON."""

import json
from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.records import Curve
from regnet_plugin.report.document import NetworkTable
from regnet_plugin.report.drawing.plot import Column, cells_of
from regnet_plugin.report.units import heading_of

_MOST_POINTS = 30_000  # of curves on a page: 300 kB
_REPEATED = 4  # times that a text is there on average, from which on it is written once


def address_of(path: str | Path) -> str:
    """Make an address of a path that stays relative, whatever is in it.

    'javascript:' and '//host' are names of files.
    """
    return './' + quote(str(path).lstrip('/'), errors='surrogateescape')


def networks_json(table: NetworkTable, are_text: Mapping[str, bool]) -> str:
    """JSON of the table, as networks.js reads it.

    A backbone is the number of its kind and some values: backbones of one kind have the same names
    of arguments and the same values of some of them, which are written once.
    """
    kinds, backbones = _kinds_and_values(table.backbones)
    links = [address_of(link) if link else None for link in table.links]
    headings = [
        heading_of(name, () if are_text[name] else _numbers(values), table.units.get(name, ''))
        for name, values in table.columns.items()
    ]
    parts = {
        'names': list(table.columns),
        'headings': [heading.text for heading in headings],
        'factors': [heading.factor for heading in headings],
        'text': list(are_text.values()),
        'kinds': kinds,
        'backbones': backbones,
        'links': links if any(links) else [],
        'curves': _curves(table.curves),
    }
    columns = []
    for name, values in table.columns.items():
        columns.append(_texts_json(values) if are_text[name] else _numbers_json(values))
    # columns are put in as text, since numbers have a notation of their own
    other_parts = compact_json(parts).removesuffix('}')
    return f'{other_parts},"columns":[{",".join(columns)}]}}'


def _kinds_and_values(
    backbones: Sequence[Mapping[str, Any] | None],
) -> tuple[list[dict[str, Any]], list[list[Any] | None]]:
    """Take apart what backbones have in common.

    Returns:
        Of each kind the names of its arguments, ``names``, and the values that all of them share,
        ``shared``; of each backbone the number of its kind and its values of the other arguments,
        in order, or None where there is no backbone.
    """
    of_kind: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for backbone in backbones:
        if backbone:
            of_kind.setdefault(tuple(backbone), []).append(backbone)
    kinds = []
    for names, alike in of_kind.items():
        first = alike[0]
        same = [name for name in names if all(one[name] == first[name] for one in alike)]
        kinds.append({'names': names, 'shared': {name: first[name] for name in same}})
    numbers = {names: number for number, names in enumerate(of_kind)}
    values: list[list[Any] | None] = []
    for backbone in backbones:
        if not backbone:
            values.append(None)
            continue
        number = numbers[tuple(backbone)]
        shared = kinds[number]['shared']
        own = [value for name, value in backbone.items() if name not in shared]
        values.append([number, *own])
    return kinds, values


def thinned_by(curves: Sequence[Curve]) -> int:
    """Return how many evaluations of a curve a page shows one of: 1 if these are not very many.

    Args:
        curves: all of the page.
    """
    return max(1, ceil(sum(map(len, curves)) / _MOST_POINTS))


def _curves(curves: Sequence[Curve]) -> list[list[list[float]]]:
    """Epochs and errors of curves, with five digits; [] where no network has a curve.

    Of very many points an even part is kept, which ends with the last evaluation.
    """
    if not any(curves):
        return []
    every = thinned_by(curves)
    return [
        [[float(f'{value:.5g}') for value in values] for values in zip(*curve[::-1][::every][::-1])]
        for curve in curves
    ]


def is_text(column: Column) -> bool:
    """Whether a column has text, and not only numbers."""
    return any(isinstance(cell, str) for cell in cells_of(column))


def _texts_json(column: Column) -> str:
    """A column of texts; null for None and NaN. Of texts that repeat the places in a list."""
    texts = [None if cell is None else str(cell) for cell in cells_of(column)]
    different = list(dict.fromkeys(texts))
    if len(different) > len(texts) / _REPEATED:
        return compact_json(texts)
    number = {text: place for place, text in enumerate(different)}
    return compact_json({'texts': different, 'places': [number[text] for text in texts]})


def _numbers_json(column: Column) -> str:
    """A column of numbers with six digits; null for None and for what is not finite."""
    numbers = _numbers(column).tolist()
    written = [f'{number:.6g}' if isfinite(number) else 'null' for number in numbers]
    return f'[{",".join(written)}]'


def _numbers(column: Column) -> NDArray[np.float64]:
    """A column of numbers, with NaN for None."""
    return np.array(column, dtype=np.float64)


def compact_json(values: object) -> str:
    """JSON without spaces, in which there is no NaN."""
    return json.dumps(values, allow_nan=False, separators=(',', ':'), default=_plain)


def _plain(value: Any) -> Any:
    """Arrays and numbers of NumPy as Python's."""
    return value.tolist()


def without_tags(data: str) -> str:
    """JSON that cannot end the script element that it is in."""
    return data.replace('<', '\\u003c')
