"""Numbers and names in the sentences of a report."""

import math

_UNITS = ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k'))


def count(number, what):
    """'1 network', '1,200 networks'."""
    return f'{number:,} {what}{"" if number == 1 else "s"}'


def error_text(value, unit='%'):
    """An error: '27.30%', or '0.3127' where it is a metric in its own unit; '–' where there is
    none.
    """
    if not math.isfinite(value):
        return '–'
    return f'{value:.2f}%' if unit else f'{value:.4g}'


def points(value, unit='%'):
    """A difference of two errors: '0.52 points', or '0.0127' of a metric in its own unit."""
    return f'{value:.2f} points' if unit else f'{value:.4g}'


def size(number):
    """Three digits and a unit: '398 M'; '–' for NaN."""
    if not math.isfinite(number):
        return '–'
    scale, unit = next((pair for pair in _UNITS if abs(number) >= pair[0]), (1, ''))
    return f'{number / scale:.3g} {unit}'.strip()


def power(number):
    """A number of networks as the paper prints it: '1.8e18'; '–' for None."""
    return '–' if number is None else f'{float(number):.2g}'.replace('e+0', 'e').replace('e+', 'e')


def factor(number):
    """How many times: '27', '5,832', '3.4e6'."""
    return (
        f'{number:,.0f}'
        if 10 <= number < 1e5
        else f'{number:.2g}'.replace('e+0', 'e').replace('e+', 'e')
    )


def sentence(text):
    """A verdict of `regnet_plugin.analysis` with a full stop; names that it begins with stay as
    they are.
    """
    return f'N{text[1:]}.' if text.startswith('no ') else f'{text}.'


def listed(names):
    """'a', 'a and b', 'a, b and c'."""
    names = list(names)
    return (
        names[0]
        if len(names) == 1
        else f'{", ".join(names[:-1])} and {names[-1]}'
        if names
        else 'none'
    )


def spread(bootstrap, style='.4g'):
    """An empirical bootstrap: '16 (12 to 18)'."""
    if math.isnan(bootstrap.median):
        return '–'
    return f'{bootstrap.median:{style}} ({bootstrap.low:{style}} to {bootstrap.high:{style}})'
