"""The lines of a table, as CSV or as JSON lines: cells by column, and where they stand."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.population.readers.checks import parse_json, read_foreign_text
from regnet_plugin.population.store import PopulationError

_TOGETHER = 10_000  # lines of a block: more of them take memory, and no less time


class TableLine(NamedTuple):
    """A line with a network.

    Attributes:
        number: of the line in the file, from 1; of several lines of CSV that are one, the last.
        cells: by column, without those that are empty; texts, or values of JSON.
    """

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of a table that follow each other.

    Attributes:
        lines: at least one.
    """

    lines: Sequence[TableLine]

    @property
    def numbers(self) -> Sequence[int]:
        """Numbers of the lines."""
        return [line.number for line in self.lines]

    def column(self, name: str) -> Sequence[Any]:
        """Return the cells of a column, one per line; None where they are empty."""
        return [line.cells.get(name) for line in self.lines]

    def first_cells(self) -> dict[str, Any]:
        """Return the first cell of each column that is not empty, in the order of the lines."""
        first: dict[str, Any] = {}
        for line in self.lines:
            for column, cell in line.cells.items():
                first.setdefault(column, cell)
        return first


@dataclass(frozen=True, eq=False)
class Columns:
    """The same, column by column, which takes a tenth of the time and of the memory.

    Attributes:
        numbers: of the lines, as in `TableLine`.
        cells: texts by column, one per line, at least one of them not None; None is an empty cell.
    """

    numbers: Sequence[int]
    cells: Mapping[str, Sequence[str | None]]

    def column(self, name: str) -> Sequence[str | None]:
        """Return the cells of a column, one per line."""
        return self.cells.get(name) or [None] * len(self.numbers)

    def line(self, place: int) -> TableLine:
        """Return one of the lines, by its place among them."""
        cells = {name: column[place] for name, column in self.cells.items()}
        return TableLine(
            self.numbers[place], {name: cell for name, cell in cells.items() if cell is not None}
        )

    @property
    def lines(self) -> Sequence[TableLine]:
        """The lines one by one."""
        return [self.line(place) for place in range(len(self.numbers))]

    def first_cells(self) -> dict[str, Any]:
        """Return the first cell of each column, as `Lines` does."""
        first = []
        for name, column in self.cells.items():
            place = next(place for place, cell in enumerate(column) if cell is not None)
            first.append((place, name))
        first.sort(key=itemgetter(0))
        return {name: self.cells[name][place] for place, name in first}


class Table(NamedTuple):
    """A table.

    Attributes:
        columns: their names, in order.
        blocks: of the lines of the networks.
    """

    columns: list[str]
    blocks: Iterator[Lines | Columns]


def read_lines(path: Path) -> Table:
    """Read the lines of a file whose name ends in .csv or .jsonl.

    Those of CSV are read as the blocks are asked for, and never all of them in memory.

    Raises:
        PopulationError: naming the file and the line that cannot be read; the blocks raise it, too.
    """
    return _csv_table(path) if path.suffix.lower() == '.csv' else _json_table(path)


def _csv_table(path: Path) -> Table:
    """A table in CSV, without columns that have no name, such as pandas' index."""
    lines = _text_lines(path)
    header = next(lines, '')
    delimiter = max(',;\t', key=header.count)
    rows = _csv_rows(path, csv.reader(chain([header], lines), delimiter=delimiter, strict=True))
    _, names = next(rows, (1, []))
    columns = [name.strip() for name in names]
    named = [column for column in columns if column]
    _check_once(path, named)
    return Table(named, _csv_blocks(path, columns, rows))


def _text_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text in UTF-8, with their ends."""
    try:
        with path.open(encoding='utf-8-sig', newline='') as file:
            yield from file
    except UnicodeDecodeError:
        read_foreign_text(path)  # which says in one line where it is none
        raise


def _csv_rows(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV reader with the numbers of their lines."""
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise PopulationError(f'{path}:{reader.line_num}: {error}') from None


def _csv_blocks(
    path: Path, columns: Sequence[str], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[Columns]:
    while together := list(islice(rows, _TOGETHER)):
        some = [(number, row) for number, row in together if row]
        for number, row in some:
            if len(row) != len(columns):
                raise PopulationError(
                    f'{path}:{number}: there must be {len(columns)} cells as in line 1, but there '
                    f'are {len(row)}{_why_more(row, columns)}'
                )
        cells = {}
        for name, column in zip(columns, zip(*[row for _, row in some])):
            stripped = [cell.strip() or None for cell in column]
            if name and any(stripped):
                cells[name] = stripped
        if cells:
            yield _without_empty_lines(Columns([number for number, _ in some], cells))


def _without_empty_lines(columns: Columns) -> Columns:
    """Leave out the lines that have no cell that is not empty; there is another one."""
    known = [any(cells) for cells in zip(*columns.cells.values())]
    if all(known):
        return columns
    return Columns(
        list(compress(columns.numbers, known)),
        {name: list(compress(cells, known)) for name, cells in columns.cells.items()},
    )


def _check_once(path: Path, columns: Sequence[str]) -> None:
    """Check that no two columns of a header have the same name."""
    for column in columns:
        if columns.count(column) > 1:
            raise PopulationError(
                f'{path}:1: each column must be there once, but {column} is there twice'
            )


def _why_more(row: Sequence[str], columns: Sequence[str]) -> str:
    """Why there are probably more cells than columns, for a message."""
    if len(row) <= len(columns):
        return ''
    return '; numbers have a decimal point and no thousands separators'


def _json_table(path: Path) -> Table:
    """A table in JSON lines, of objects; a null is an empty cell."""
    columns: dict[str, None] = {}
    lines = []
    for number, line in enumerate(read_foreign_text(path).split('\n'), 1):
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
    return Table(list(columns), iter([Lines(lines)] if lines else []))
