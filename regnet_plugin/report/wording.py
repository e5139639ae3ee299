"""How numbers and names are written in the sentences of a report."""

import math
from collections.abc import Iterable

from regnet_plugin.analysis import Bootstrap

_UNITS = ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k'))
_UNKNOWN = '–'


def error_text(error: float, unit: str = '%') -> str:
    """Write an error: '27.3%', '0.313' for a metric in its own unit, '–' where there is none.

    Args:
        error: a number; '–' is for what is not finite.
        unit: '%', or '' for a metric in its own unit.
    """
    if not math.isfinite(error):
        return _UNKNOWN
    return f'{three_digits(error)}%' if unit else three_digits(error)


def points(difference: float, unit: str = '%') -> str:
    """Write a difference of errors: '0.52 points', '0.0127' of a metric in its own unit."""
    return f'{three_digits(difference)} points' if unit else three_digits(difference)


def three_digits(number: float) -> str:
    """Write a number with three digits: '27.3', '-0.52', '100'; minus is a hyphen."""
    if abs(number) >= 100:
        return f'{number:.0f}'
    return f'{number:#.3g}'.rstrip('.') if abs(number) >= 1 else f'{number:.2g}'


def size(number: float) -> str:
    """Write a large number with three digits and a unit: '398 M'; '–' for NaN."""
    if not math.isfinite(number):
        return _UNKNOWN
    for scale, unit in _UNITS:
        if abs(number) >= scale:
            return f'{number / scale:.3g} {unit}'
    return f'{number:.3g}'


def cost_size(column: str, number: float) -> str:
    """Write what networks cost by the column that it is in: '398 M', '8.1 ms' of a time."""
    is_time = column.startswith('predicted_')
    return f'{1000 * number:.3g} ms' if is_time else size(number)


def power(number: float | None) -> str:
    """Write a number of networks as the paper prints it: '1.8e18'; '–' for None."""
    return _UNKNOWN if number is None else _two_digits(float(number))


def factor(number: float) -> str:
    """Write how many times: '27', '5,832', '3.4e6'."""
    return f'{number:,.0f}' if 10 <= number < 1e5 else _two_digits(number)


def _two_digits(number: float) -> str:
    """Two digits and a short exponent: '1.8e18' for 1.8e+18."""
    return f'{number:.2g}'.replace('e+0', 'e').replace('e+', 'e')


def sentence(text: str) -> str:
    """Make a sentence of a verdict of `regnet_plugin.analysis`, which has no full stop.

    A verdict may begin with a name, which stays as it is; only 'no …' gets a capital letter.
    """
    if text.startswith('no '):
        text = f'N{text[1:]}'
    return f'{text}.'


def listed(names: Iterable[str]) -> str:
    """List names: 'a', 'a and b', 'a, b and c'; 'none' where there are none."""
    names = list(names)
    if not names:
        return 'none'
    *others, last = names
    return f'{", ".join(others)} and {last}' if others else last


def spread(bootstrap: Bootstrap, style: str = '.4g') -> str:
    """Write an empirical bootstrap: '16 (12 to 18)'; '–' where there is none.

    Args:
        bootstrap: the range and the most likely best value.
        style: format of the numbers. Default: four digits.
    """
    if math.isnan(bootstrap.median):
        return _UNKNOWN
    return f'{bootstrap.median:{style}} ({bootstrap.low:{style}} to {bootstrap.high:{style}})'
