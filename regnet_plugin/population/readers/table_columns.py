"""Lines of a table column by column, as a million networks are read whose stages nobody says.

What comes out is what `table_row` makes of the lines one by one. Whatever is more than plain
numbers and words, or breaks a rule, is left to it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.population.columns import ALIASES, DESCRIPTIONS, ERRORS, LISTS, NETWORK
from regnet_plugin.population.measured_error import LARGEST
from regnet_plugin.population.readers.checks import MISREAD
from regnet_plugin.population.readers.network_rows import NetworkRow
from regnet_plugin.population.readers.table_lines import Columns, TableLine
from regnet_plugin.population.readers.table_row import REGNET_PARAMETERS, is_from_0, row_of_line
from regnet_plugin.population.records import Records

Cells = Sequence[str | None]
Floats = NDArray[np.float64]

# All that plain numbers are written with: Python reads '1_000', too, which in a table is none.
_WRITTEN_WITH = re.compile('[-+.0-9eEnNaA ]*', re.ASCII)
_SAYS_STAGES = {*LISTS, *NETWORK, 'activation'}
_SAYS_REGNET = {*REGNET_PARAMETERS, 'g'}
# Beside these, what describes a training has few different values, as has the resolution.
_MANY_VALUES = ('network', *ERRORS, 'deviation')
_TELLING = {*DESCRIPTIONS, 'resolution'} - {*_MANY_VALUES}


class ReadLines(NamedTuple):
    """What is read from some lines of a table.

    Attributes:
        lines: those that differ in more than numbers, or all.
        rows: what each of these says.
        part: all of the networks, for `Collected.add`.
    """

    lines: Sequence[TableLine]
    rows: Sequence[NetworkRow]
    part: Records


def read_columns(
    columns: Columns, networks: Sequence[str], number_columns: Collection[str]
) -> ReadLines | None:
    """Read lines column by column.

    Args:
        columns: of the lines.
        networks: names of the networks.
        number_columns: that become columns of numbers.

    Returns:
        None where that says too little: line by line it is found out what to make of them.
    """
    names = {ALIASES.get(name, name) for name in columns.cells}
    if len(names) < len(columns.cells) or names & _SAYS_STAGES or names >= _SAYS_REGNET:
        return None
    numbers = _numbers(
        {name: columns.cells[name] for name in number_columns if name in columns.cells}
    )
    errors = _errors(columns)
    if numbers is None or errors is None:
        return None
    try:
        lines, kinds = _kinds(columns)
        rows = [row_of_line(networks[0], line.cells, number_columns) for line in lines]
    except MISREAD:
        return None
    of_each = [rows[kind] for kind in kinds]
    part = Records(
        name='',
        source='',
        networks=tuple(networks),
        status=np.array([row.status for row in rows])[kinds],
        reasons=tuple([row.reason for row in of_each]),
        last_error=errors['last_error'],
        best_error=errors['best_error'],
        deviation=errors['deviation'],
        seeds=np.array([row.seeds for row in rows], dtype=int)[kinds],
        failed_seeds=np.array([row.failed_seeds for row in rows], dtype=int)[kinds],
        columns=numbers,
        backbones=(None,) * len(networks),
        configs=(None,) * len(networks),
        conditions=tuple([row.conditions for row in of_each]),
    )
    return ReadLines(lines, rows, part)


def _kinds(columns: Columns) -> tuple[list[TableLine], NDArray[np.intp]]:
    """Find the lines that differ in more than numbers.

    Returns:
        The first of each kind, and the kind of each line.
    """
    telling: list[Sequence[object]] = []
    for name, cells in columns.cells.items():
        if name in _TELLING:
            telling.append(cells)
        elif name in ERRORS:
            telling.append(_is_given(cells))
    different = [cells for cells in telling if len(set(cells)) > 1]
    if not different:  # as in most tables
        return [columns.line(0)], np.zeros(len(columns.numbers), dtype=np.intp)
    number_of: dict[tuple[object, ...], int] = {}
    kinds = [number_of.setdefault(said, len(number_of)) for said in zip(*different)]
    _, firsts = np.unique(kinds, return_index=True)
    return [columns.line(place) for place in firsts], np.array(kinds)


def _is_given(cells: Cells) -> list[bool]:
    return [cell is not None for cell in cells]


def _numbers(columns: Mapping[str, Cells]) -> dict[str, Floats] | None:
    """Columns of numbers, in the order in which each is first known; None where a cell is none."""
    numbers = {}
    for column, cells in columns.items():
        values = _floats(cells)
        name = ALIASES.get(column, column)
        if values is None or (is_from_0(name) and (values < 0).any()):
            return None
        numbers[name] = values
    known = {name: np.flatnonzero(~np.isnan(values)) for name, values in numbers.items()}
    names = sorted((name for name in numbers if len(known[name])), key=lambda name: known[name][0])
    return {name: numbers[name] for name in names}


def _errors(columns: Columns) -> dict[str, Floats] | None:
    """Both errors of each network and their deviation; None where a cell is none, in percent."""
    if 'unit' in columns.cells:
        return None
    found = {}
    for name in (*ERRORS, 'deviation'):
        cells = columns.column(name)
        values = _floats(cells)
        if values is None or (values < 0).any():
            return None
        if name in ERRORS and (values <= 100).tolist() != _is_given(cells):
            return None
        found[name] = values
    error, last, best = (found[name] for name in ERRORS)
    is_neither = (error != last) & (error != best)
    if (is_neither & ~np.isnan(error + last + best)).any():
        return None
    last, best = np.where(np.isnan(last), error, last), np.where(np.isnan(best), error, best)
    has_none = np.isnan(last) & np.isnan(best)
    deviation = np.where(has_none, np.nan, found['deviation'])
    return dict(last_error=last, best_error=best, deviation=deviation)


def _floats(cells: Cells) -> Floats | None:
    """Numbers that can be computed with, NaN where they are unknown; None if a cell is none."""
    texts = ['nan' if cell is None else cell for cell in cells]
    if not _WRITTEN_WITH.fullmatch(' '.join(texts)):
        return None
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return None
    return None if (np.abs(values) > LARGEST).any() else values
