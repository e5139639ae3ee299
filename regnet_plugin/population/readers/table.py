"""A table of one's own, as CSV or as JSON lines.

Its columns are described in docs/reference/population_formats.md.
"""

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from regnet_plugin.population.columns import (
    ALIASES,
    DESCRIPTIONS,
    ERRORS,
    KNOWN,
    OWN_UNIT,
    is_number_column,
)
from regnet_plugin.population.measured_error import OWN, PERCENT
from regnet_plugin.population.readers.cells import cell_value
from regnet_plugin.population.readers.checks import MISREAD, space_of
from regnet_plugin.population.readers.network_rows import Collected, NetworkRow, part_of
from regnet_plugin.population.readers.table_columns import ReadLines, read_columns
from regnet_plugin.population.readers.table_lines import Columns, Lines, TableLine, read_lines
from regnet_plugin.population.readers.table_row import row_of_line
from regnet_plugin.population.records import DEFAULT_METRIC, Records
from regnet_plugin.population.store import PopulationError

# What an accuracy is probably called.
_ACCURACY = re.compile('acc|top_?[15]|map$|_ap$|^ap', re.IGNORECASE)


def read_table(path: Path, name: str) -> Records:
    """Read a file whose name ends in .csv or .jsonl.

    Args:
        path: of the file.
        name: of the population.

    Raises:
        PopulationError: naming the file and the line that breaks a rule.
    """
    columns, blocks = read_lines(path)
    _check_columns(path, columns)
    first: dict[str, Any] = {}  # cell of each column
    lines: list[TableLine] = []
    rows: list[NetworkRow] = []
    numbers = array('q')  # of the lines of all networks
    collected = Collected()
    for block in blocks:
        first = {**first, **block.first_cells(), **first}
        networks = _names(block, len(numbers))
        read = _read_block(path, block, networks, _columns_of_numbers(first))
        lines += read.lines
        rows += read.rows
        collected.add(read.part)
        numbers.extend(block.numbers)
    if not numbers:
        raise PopulationError(f'{path} must have a line for each network, but there is none')
    records = collected.records(
        given={ALIASES.get(column, column) for column in _columns_of_numbers(first)},
        name=name,
        source=str(path),
        space=_space(path, name, lines, rows),
        device=_shared(line.cells.get('device') for line in lines) or '',
        unit=_unit(path, lines),
        metric=_metric(rows),
        is_random_part=_is_random_part(path, lines),
    )
    if 'network' in first:
        _check_names(path, records.networks, numbers)
    return records


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    """Check that each known column is called as it is known, and that there is an error."""
    known = {_letters(name): name for name in KNOWN}
    for column in columns:
        meant = known.get(_letters(column))
        # a single letter may mean anything: B is not b
        if len(column) > 1 and meant and column not in KNOWN:
            raise PopulationError(
                f'{path}: a known column must have its name, {meant}, but it is called {column}'
            )
    if set(columns) & set(ERRORS):
        return
    accuracy = next((column for column in columns if _ACCURACY.search(column)), None)
    advice = (
        ''
        if accuracy is None
        else (f'; if {accuracy} is an accuracy in percent, error is 100 - {accuracy}')
    )
    raise PopulationError(
        f'{path} must have a column error, last_error or best_error, but it has '
        f'{", ".join(columns) or "none"}{advice}'
    )


def _letters(name: str) -> str:
    """A name without what people write differently: capitals, underscores, blanks."""
    return re.sub('[^a-z0-9]', '', name.lower())


def _columns_of_numbers(first: Mapping[str, Any]) -> list[str]:
    """Names of the columns that become some, by the first cell of each.

    They are the known ones, and others whose first cell is a number. The rest are notes.
    """
    return [column for column, cell in first.items() if _is_of_numbers(column, cell)]


def _is_of_numbers(column: str, first: Any) -> bool:
    """Whether a column becomes one of numbers, by its name and its first entry."""
    if is_number_column(column):
        return True
    return column not in DESCRIPTIONS and type(cell_value(first)) in (int, float)


def _names(block: Lines | Columns, before: int) -> list[str]:
    """Names of the networks of some lines; those without one are numbered, also those before."""
    given = enumerate(block.column('network'), before)
    return [f'{number:06d}' if name is None else str(name) for number, name in given]


def _read_block(
    path: Path, block: Lines | Columns, networks: Sequence[str], number_columns: Sequence[str]
) -> ReadLines:
    """Read some lines, column by column or, where that is not possible, one by one."""
    if isinstance(block, Columns):
        found = read_columns(block, networks, number_columns)
        if found is not None:
            return found
    rows = []
    for network, line in zip(networks, block.lines):
        try:
            rows.append(row_of_line(network, line.cells, number_columns))
        except MISREAD as error:
            raise PopulationError(f'{path}:{line.number}: {error}') from None
    return ReadLines(block.lines, rows, part_of(rows))


def _check_names(path: Path, networks: Sequence[str], numbers: Sequence[int]) -> None:
    """Check that each network is there once, where they are in lines of some numbers."""
    if len(set(networks)) == len(networks):
        return
    line_of: dict[str, int] = {}
    for network, number in zip(networks, numbers):
        if network in line_of:
            raise PopulationError(
                f'{path}:{number}: each network must be there once, but {network} is in line '
                f'{line_of[network]}, too'
            )
        line_of[network] = number


def _shared(values: Iterable[Any]) -> Any:
    """The one value that there is among some that may be unknown; None where there are several."""
    known = [value for value in values if value is not None]
    if not known or any(value != known[0] for value in known):
        return None
    return known[0]


def _metric(rows: Sequence[NetworkRow]) -> str:
    """The metric of the first network that has one."""
    for row in rows:
        if row.conditions.get('metric'):
            return row.conditions['metric'][0]
    return DEFAULT_METRIC


def _is_random_part(path: Path, lines: Sequence[TableLine]) -> bool:
    """Whether the lines say that the networks that ended are a random part of all."""
    said = {str(line.cells['random_part']).lower() for line in lines if 'random_part' in line.cells}
    if len(said) > 1 or not said <= {'true', 'false'}:
        raise PopulationError(
            f'{path}: random_part must be true or false, the same in all lines, but it is '
            f'{", ".join(sorted(said))}'
        )
    return said == {'true'}


def _unit(path: Path, lines: Sequence[TableLine]) -> str:
    """The unit of all errors, see `Records.unit`."""
    rated = [line.cells for line in lines if set(line.cells) & set(ERRORS)]
    units = {str(cells.get('unit', PERCENT)) for cells in rated}
    if len(units) > 1:
        raise PopulationError(
            f'{path}: all errors must have one unit, but there are {", ".join(sorted(units))}'
        )
    return OWN if units == {OWN_UNIT} else PERCENT


def _space(
    path: Path, name: str, lines: Sequence[TableLine], rows: Sequence[NetworkRow]
) -> dict[str, Any]:
    """What the lines say of the design space, if they say the same.

    It is an object as in `Records.space`, or its name. What it says of classes and resolution must
    be what the networks say.
    """
    found = _shared(line.cells.get('design_space') for line in lines)
    known = space_of(found) if isinstance(found, dict) else {}
    for setting in ('num_classes', 'resolution'):
        said = known.get('description', {}).get(setting)
        given = {value for row in rows for value in row.conditions.get(setting, ())}
        if type(said) is int and given - {str(said)}:
            raise PopulationError(
                f'{path}: {setting} must be that of design_space, {said}, but it is '
                f'{", ".join(sorted(given))}'
            )
    return dict(known, name=found if isinstance(found, str) else name)
