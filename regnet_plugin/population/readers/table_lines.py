"""The lines of a table, as CSV or as JSON lines: cells by column, and where they stand."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.population.readers.checks import parse_json, read_foreign_text
from regnet_plugin.population.store import PopulationError


class TableLine(NamedTuple):
    """A line with a network.

    Attributes:
        number: of the line in the file, from 1; of several lines of CSV that are one, the last.
        cells: by column, without those that are empty; texts, or values of JSON.
    """

    number: int
    cells: dict[str, Any]


class Table(NamedTuple):
    """A table, line by line.

    Attributes:
        columns: their names, in order.
        lines: of the networks.
    """

    columns: list[str]
    lines: list[TableLine]


def read_lines(path: Path) -> Table:
    """Read the lines of a file whose name ends in .csv or .jsonl.

    Raises:
        PopulationError: naming the file and the line that cannot be read.
    """
    text = read_foreign_text(path)
    return _csv_table(path, text) if path.suffix.lower() == '.csv' else _json_table(path, text)


def _csv_table(path: Path, text: str) -> Table:
    """A table in CSV, without columns that have no name, such as pandas' index."""
    header = text.partition('\n')[0]
    delimiter = max(',;\t', key=header.count)
    reader = csv.reader(io.StringIO(text, newline=''), delimiter=delimiter, strict=True)
    lines = []
    try:
        columns = [column.strip() for column in next(reader, [])]
        named = [column for column in columns if column]
        _check_once(path, named)
        for row in reader:
            if row and len(row) != len(columns):
                raise PopulationError(
                    f'{path}:{reader.line_num}: there must be {len(columns)} cells as in line 1, '
                    f'but there are {len(row)}{_why_more(row, columns)}'
                )
            cells = {
                column: cell.strip()
                for column, cell in zip(columns, row)
                if column and cell.strip()
            }
            if cells:
                lines.append(TableLine(reader.line_num, cells))
    except csv.Error as error:
        raise PopulationError(f'{path}:{reader.line_num}: {error}') from None
    return Table(named, lines)


def _check_once(path: Path, columns: Sequence[str]) -> None:
    """Check that no two columns of a header have the same name."""
    for column in columns:
        if columns.count(column) > 1:
            raise PopulationError(
                f'{path}:1: each column must be there once, but {column} is there twice'
            )


def _why_more(row: list[str], columns: list[str]) -> str:
    """Why there are probably more cells than columns, for a message."""
    if len(row) <= len(columns):
        return ''
    return '; numbers have a decimal point and no thousands separators'


def _json_table(path: Path, text: str) -> Table:
    """A table in JSON lines, of objects; a null is an empty cell."""
    columns: dict[str, None] = {}
    lines = []
    for number, line in enumerate(text.split('\n'), 1):
        if not line.strip():
            continue
        values = parse_json(line, f'{path}:{number}')
        if not isinstance(values, dict):
            raise PopulationError(
                f'{path}:{number}: a line must be an object, but it is {line[:40]}'
            )
        columns.update(dict.fromkeys(values))
        cells = {column: value for column, value in values.items() if value is not None}
        lines.append(TableLine(number, cells))
    return Table(list(columns), lines)
