"""Sections of a report as Markdown that a repository shows, with figures as SVG beside it."""

from collections.abc import Iterable
from html import escape
from math import isfinite
from pathlib import Path

from regnet_plugin.files import replace
from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch


def chapter(section: Section, folder: Path) -> str:
    """Write a section as text, and its figures into a folder that is beside the page."""
    lines = [f'## {section.title}', '']
    lines += [f'- {text}' for text in section.text]
    for item in section.items:
        lines += ['', *_item(section, item, folder)]
    return '\n'.join(lines) + '\n'


def _item(section: Section, item: Figure | Table | Fold, folder: Path) -> list[str]:
    if isinstance(item, Figure):
        return _figure(section, item, folder)
    if isinstance(item, Table):
        return table(item)
    lines = [f'<details><summary>{escape(item.title)}</summary>']
    for one in item.items:
        lines += ['', *_item(section, one, folder)]
    return [*lines, '', '</details>']


def _figure(section: Section, figure: Figure, folder: Path) -> list[str]:
    sketch = figure.plot
    if not isinstance(sketch, Sketch):
        raise TypeError(
            f'a figure of a study must be a Sketch, but it is a {type(sketch).__name__}'
        )
    path = folder / f'{section.key}-{sketch.key}.svg'
    replace(path, sketch.plot.standalone_svg())
    lines = [f'![{figure.title}]({folder.name}/{path.name})']
    return [*lines, '', figure.caption] if figure.caption else lines


def table(shown: Table) -> list[str]:
    """Return the lines of a table; columns of numbers are flush right."""
    alignment = []
    for column in range(len(shown.columns)):
        is_number = all(isinstance(row[column], (int, float, type(None))) for row in shown.rows)
        alignment.append('--:' if is_number else '---')
    rows = [row(_cell_text(cell) for cell in cells) for cells in shown.rows]
    headings = [_heading(name, shown.units.get(name, '')) for name in shown.columns]
    return [row(headings), row(alignment), *rows, '', shown.caption]


def _heading(name: str, unit: str) -> str:
    """A column's name with its unit; cells have the numbers as they are, without a prefix."""
    return f'{name} ({unit})' if unit else name


def row(cells: Iterable[str]) -> str:
    """Return the line of a row."""
    return f'| {" | ".join(cells)} |'


def _cell_text(value: Cell) -> str:
    """Write a cell: of fractions two digits behind the point, or two that say something."""
    if value is None or isinstance(value, float) and not isfinite(value):
        return '–'
    if isinstance(value, int):
        return f'{value:,}'
    if not isinstance(value, float):
        return value
    if abs(value) < 0.01:
        return f'{value:.2g}'
    return f'{value:.2f}' if abs(value) < 1000 else f'{value:,.0f}'
