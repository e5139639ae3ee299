"""Cells of a table: what is a number, and what was probably meant by what is none."""

import re
from typing import Any

_NUMBER = re.compile(
    r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)',
    re.ASCII | re.IGNORECASE,
)
# Between the thousands there may be a comma, an apostrophe, a point, or one of several spaces.
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([,' .\u00a0\u2009\u202f][0-9]{3})+")
_DECIMAL_COMMA = re.compile(r'[+-]?[0-9]+,[0-9]+')
_UNIT = re.compile(
    r'(?P<number>[+-]?[0-9.]+) ?(?P<prefix>[kKMGBT]?)(?P<unit>F|FLOPs|flops|MACs|s|ms|%)?'
)
_SCALES = dict(k=1e3, K=1e3, M=1e6, G=1e9, B=1e9, T=1e12, ms=1e-3)
_UNKNOWN = ('n/a', 'na', 'none', 'null', '-', '--', '\u2013', '\u2014', '?', 'unknown', 'missing')


def cell_value(cell: Any) -> Any:
    """Read a cell: a number where it is one, written as JSON or a spreadsheet writes it.

    Args:
        cell: a text, or a value of JSON.

    Returns:
        A whole number of 64 bits as int, another one as float; what is none as it is.
    """
    value = cell
    if isinstance(cell, str) and _NUMBER.fullmatch(cell):
        try:
            value = int(cell)
        except ValueError:  # no whole number, or one of more digits than Python reads
            value = float(cell)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def hint(cell: Any) -> str:
    """Say what to write instead of a cell that is no number: '; …', '' where nobody can know."""
    if not isinstance(cell, str):
        return ''
    if cell.lower() in _UNKNOWN:
        return '; a cell of what is unknown is left empty, or is nan'
    if _THOUSANDS.fullmatch(cell) and not _NUMBER.fullmatch(cell):
        digits = re.sub('[^0-9+-]', '', cell)
        return f'; numbers have no thousands separators and a decimal point: {digits}'
    if _DECIMAL_COMMA.fullmatch(cell):
        return f'; numbers have a decimal point: {cell.replace(",", ".")}'
    found = _UNIT.fullmatch(cell)
    if found and _NUMBER.fullmatch(found['number']) and (found['prefix'] or found['unit']):
        factor = _SCALES.get(found['prefix'], 1) * _SCALES.get(found['unit'], 1)
        return f'; numbers have no unit: {float(found["number"]) * factor:.15g}'
    if '_' in cell and _NUMBER.fullmatch(cell.replace('_', '')):
        return f'; numbers have no underscores: {cell.replace("_", "")}'
    return ''
