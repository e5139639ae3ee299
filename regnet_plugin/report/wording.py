"""Numbers and names in the sentences of a report."""
import math

_UNITS = ((1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k'))


def count(number, what):
    """'1 network', '1,200 networks'."""
    return f'{number:,} {what}{"" if number == 1 else "s"}'


def percent(value):
    """An error: '27.30%'; '–' where there is none."""
    return f'{value:.2f}%' if math.isfinite(value) else '–'


def size(number):
    """Three digits and a unit: '398 M'; '–' for NaN."""
    if not math.isfinite(number):
        return '–'
    scale, unit = next((pair for pair in _UNITS if abs(number) >= pair[0]), (1, ''))
    return f'{number / scale:.3g} {unit}'.strip()


def power(number):
    """A number of networks as the paper prints it: '1.8e18'; '–' for None."""
    return '–' if number is None else f'{float(number):.2g}'.replace('e+', 'e')


def listed(names):
    """'a', 'a and b', 'a, b and c'."""
    names = list(names)
    return names[0] if len(names) == 1 else f'{", ".join(names[:-1])} and {names[-1]}' if names else 'none'


def spread(bootstrap):
    """An empirical bootstrap: '16 (12 to 18)'."""
    return '–' if math.isnan(bootstrap.median) else f'{bootstrap.median:.4g} ({bootstrap.low:.4g} to {bootstrap.high:.4g})'
