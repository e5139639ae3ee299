"""A table of one's own, as CSV or as JSON lines.

Its columns are described in docs/population_formats.md.
"""

import re
from collections.abc import Iterable, Sequence
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
from regnet_plugin.population.readers.network_rows import NetworkRow, keep_shared, records_of
from regnet_plugin.population.readers.table_lines import TableLine, read_lines
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
    columns, lines = read_lines(path)
    _check_columns(path, columns)
    if not lines:
        raise PopulationError(f'{path} must have a line for each network, but there is none')
    number_columns = _columns_of_numbers(lines)
    rows = _rows(path, lines, number_columns)
    keep_shared(rows, given={ALIASES.get(column, column) for column in number_columns})
    return records_of(
        rows,
        name=name,
        source=str(path),
        space=_space(path, name, lines, rows),
        device=_shared(line.cells.get('device') for line in lines) or '',
        unit=_unit(path, lines),
        metric=_metric(rows),
    )


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


def _columns_of_numbers(lines: Sequence[TableLine]) -> list[str]:
    """Names of the columns that become some.

    They are the known ones, and others whose first entry is a number. The rest are notes.
    """
    first: dict[str, Any] = {}
    for line in lines:
        for column, cell in line.cells.items():
            first.setdefault(column, cell)
    return [column for column, cell in first.items() if _is_of_numbers(column, cell)]


def _is_of_numbers(column: str, first: Any) -> bool:
    """Whether a column becomes one of numbers, by its name and its first entry."""
    if is_number_column(column):
        return True
    return column not in DESCRIPTIONS and type(cell_value(first)) in (int, float)


def _rows(
    path: Path, lines: Sequence[TableLine], number_columns: Sequence[str]
) -> list[NetworkRow]:
    """A row per line; networks without a name are numbered."""
    rows: list[NetworkRow] = []
    line_of: dict[str, int] = {}
    for line in lines:
        network = str(line.cells.get('network', f'{len(rows):06d}'))
        try:
            row = row_of_line(network, line.cells, number_columns)
            if network in line_of:
                raise ValueError(
                    f'each network must be there once, but {network} is in line '
                    f'{line_of[network]}, too'
                )
        except MISREAD as error:
            raise PopulationError(f'{path}:{line.number}: {error}') from None
        line_of[network] = line.number
        rows.append(row)
    return rows


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
