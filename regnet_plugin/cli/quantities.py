"""Times and sizes as people type them: 8ms, 1.5s, 500kB, 1MiB."""

import argparse
import re

_NUMBER = re.compile(r'([0-9.]+(?:e[+-]?[0-9]+)?)\s*([a-zµ]*)', re.IGNORECASE)
_SECONDS = {'s': 1.0, 'ms': 1e-3, 'us': 1e-6, 'µs': 1e-6}
_BYTES = {
    'b': 1.0,
    'kb': 1e3,
    'mb': 1e6,
    'gb': 1e9,
    'kib': 2.0**10,
    'mib': 2.0**20,
    'gib': 2.0**30,
}


def seconds(text: str) -> float:
    """Return the seconds of a time such as 8ms, as a type of command-line arguments.

    Raises:
        argparse.ArgumentTypeError: if it is none, or has no unit.
    """
    return _quantity(text, _SECONDS, 'a time must be a number with a unit, such as 8ms or 1.5s')


def size_in_bytes(text: str) -> float:
    """Return the bytes of a size such as 500kB, as a type of command-line arguments.

    Raises:
        argparse.ArgumentTypeError: if it is none, or has no unit.
    """
    return _quantity(
        text, _BYTES, 'a size must be a number with a unit, such as 500kB, 1MB or 1MiB'
    )


def interval(values: list[float] | None) -> tuple[float | None, float] | None:
    """Return what one or two numbers of the command line say: at most this, or from this to that.

    Raises:
        ValueError: if there are more.
    """
    if values is None:
        return None
    if len(values) > 2:
        raise ValueError(
            f'an interval must be one number, the most, or two, but there are {len(values)}'
        )
    return (None, values[0]) if len(values) == 1 else (values[0], values[1])


def _quantity(text: str, units: dict[str, float], rule: str) -> float:
    found = _NUMBER.fullmatch(text.strip())
    if found is None or found[2].lower() not in units:
        raise argparse.ArgumentTypeError(f'{rule}, but it is {text!r}')
    try:
        return float(found[1]) * units[found[2].lower()]
    except ValueError:
        raise argparse.ArgumentTypeError(f'{rule}, but it is {text!r}') from None
