"""What the numbers of a column are in, as its heading says it: 'error (%)', 'flops (MF)'."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.population.measured_error import PERCENT

POINTS = 'points'  # of percent, of differences
# Units of columns that every table has under these names; F are flops, as in the paper.
_UNITS = {
    'flops': 'F',
    'latency': 'ms',
    'training_step': 'ms',
    'predicted_latency': 'ms',
    'predicted_training_step': 'ms',
    'resolution': 'pixels',
}
_MILLISECOND = 1e-3  # times are in seconds
_PREFIXES = (('T', 1e12), ('G', 1e9), ('M', 1e6), ('k', 1e3))


class Heading(NamedTuple):
    """A column's heading.

    Attributes:
        text: its name, and in brackets the unit.
        factor: what its numbers are divided by, so that they are in that unit.
    """

    text: str
    factor: float


def heading_of(name: str, values: ArrayLike = (), unit: str = '') -> Heading:
    """Make the heading of a column.

    Args:
        name: of the column.
        values: its numbers, NaN where unknown: counts share the prefix that fits their median.
            Default: none, and no prefix.
        unit: '%', say, of what no name tells. Default: that of the name, if any.
    """
    unit = unit or _UNITS.get(name, '')
    factor = _MILLISECOND if unit == 'ms' else 1.0
    if name in COUNTS:
        prefix, factor = _prefix_of(values)
        unit = f'{prefix}{unit}' if prefix else ''
    return Heading(f'{name} ({unit})' if unit else name, factor)


def _prefix_of(values: ArrayLike) -> tuple[str, float]:
    """The prefix that fits the middle of some numbers, and its factor; '' and 1 for small ones."""
    numbers = np.abs(np.asarray(values, dtype=np.float64))
    known = numbers[np.isfinite(numbers)]
    middle = float(np.median(known)) if len(known) else 0.0
    return next((one for one in _PREFIXES if middle >= one[1]), ('', 1.0))


def units_of_errors(
    errors: Iterable[str], differences: Iterable[str] = (), unit: str = PERCENT
) -> dict[str, str]:
    """Return the units of columns by their names.

    Args:
        errors: names of columns of errors.
        differences: names of columns of differences of errors. Default: none.
        unit: of the errors, '%' or ''. Default: '%'.
    """
    if not unit:
        return {}
    return {**dict.fromkeys(errors, unit), **dict.fromkeys(differences, POINTS)}
