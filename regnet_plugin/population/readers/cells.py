"""Cells of a table: what is a number, and what was probably meant by what is none."""

import re

_NUMBER = re.compile(
    r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf|infinity)',
    re.ASCII | re.IGNORECASE,
)
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([,' .\u00a0\u2009\u202f][0-9]{3})+")
_DECIMAL_COMMA = re.compile(r'[+-]?[0-9]+,[0-9]+')
_UNIT = re.compile(r'([+-]?[0-9.]+) ?([kKMGBT]?)(F|FLOPs|flops|MACs|s|ms|%)?')
_SCALES = dict(k=1e3, K=1e3, M=1e6, G=1e9, B=1e9, T=1e12, ms=1e-3)
_UNKNOWN = ('n/a', 'na', 'none', 'null', '-', '--', '\u2013', '\u2014', '?', 'unknown', 'missing')


def plain(value):
    """A cell as a number where it is one, written as JSON or a spreadsheet writes it; a whole
    number of 64 bits as int.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        try:
            value = int(value)
        except ValueError:  # also more digits than Python reads
            value = float(value)
    return (
        int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**63
        else value
    )


def hint(value):
    """What to write instead of a cell that is no number: '; …', '' where nobody can know."""
    if not isinstance(value, str):
        return ''
    if value.lower() in _UNKNOWN:
        return '; a cell of what is unknown is left empty, or is nan'
    if _THOUSANDS.fullmatch(value) and not _NUMBER.fullmatch(value):
        return f'; numbers have no thousands separators and a decimal point: {re.sub("[^0-9+-]", "", value)}'
    if _DECIMAL_COMMA.fullmatch(value):
        return f'; numbers have a decimal point: {value.replace(",", ".")}'
    unit = _UNIT.fullmatch(value)
    if unit and _NUMBER.fullmatch(unit[1]) and (unit[2] or unit[3]):
        scaled = float(unit[1]) * _SCALES.get(unit[2], 1) * _SCALES.get(unit[3], 1)
        return f'; numbers have no unit: {scaled:.15g}'
    if '_' in value and _NUMBER.fullmatch(value.replace('_', '')):
        return f'; numbers have no underscores: {value.replace("_", "")}'
    return ''
