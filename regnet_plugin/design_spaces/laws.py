"""Laws of single numbers or names: how one is drawn, and what is in its range.

The paper says "log-uniform" and no more; the lattices are those of the authors' code, in which a
real number is drawn and rounded up to the next multiple of a step. A law knows two things apart:
the values that are drawn, and the range in which a value belongs to the space whether it is on the
lattice or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import log
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.number_checks import is_real

MAX_STEPS = 10**6  # far beyond any space; keeps typing errors from filling memory

Value = float | str  # what is drawn: a number, or a name such as that of an activation

# Into how many equal parts [0, 1) is divided for a draw's first guess; a power of two, so that the
# part of a number is found without rounding.
_PARTS = 1024


@dataclass(frozen=True)
class Lattice:
    """A law on finitely many values.

    Attributes:
        values: ascending where they are numbers.
        probabilities: of each value; they add up to 1.
        below: where the range ends, this value excluded; None for an end at the largest value.
        whole: whether only whole numbers belong to the range.
    """

    values: tuple[Value, ...]
    probabilities: tuple[float, ...]
    below: float | None = None
    whole: bool = False

    @cached_property
    def array(self) -> NDArray[Any]:
        """The values, of shape (size, )."""
        return np.array(self.values)

    @cached_property
    def _ends(self) -> NDArray[np.float64]:
        """Where in [0, 1) the values end; the last one takes what rounding leaves over."""
        return np.append(np.cumsum(self.probabilities)[:-1], np.inf)

    @cached_property
    def _value_of_part(self) -> NDArray[np.int64]:
        """Which value has the beginning of each of the equal parts of [0, 1)."""
        return np.searchsorted(self._ends, np.arange(_PARTS) / _PARTS, side='right')

    def draw(self, uniforms: NDArray[np.float64]) -> NDArray[Any]:
        """Turn uniform numbers from [0, 1) into values, one for one."""
        # The value is where a search in the ends would find it. From the beginning of a number's
        # part it is a step or two away, which takes much less time.
        index = self._value_of_part[(uniforms * _PARTS).astype(np.int64)]
        while np.any(beyond := self._ends[index] <= uniforms):
            index += beyond
        return self.array[index]

    def draw_increasing(self, uniforms: NDArray[np.float64]) -> NDArray[Any]:
        """Draw rows of values that never fall, by the law of independent draws conditioned on that.

        The first value is drawn with weight p(v) * P(the others do not fall below v, nor among
        themselves), and so on: exact, and nothing is rejected. Sorting independent draws would be
        another law, with too little weight on ties.

        Args:
            uniforms: of shape (n, S), from [0, 1).

        Returns:
            Values, of shape (n, S).
        """
        index = np.zeros(len(uniforms), dtype=np.int64)  # of the least value that may follow
        columns = []
        for place, cumulative in enumerate(self._conditioned(uniforms.shape[1])):
            least = cumulative[index]
            point = least + uniforms[:, place] * (cumulative[-1] - least)
            found = np.searchsorted(cumulative, point, side='right') - 1
            index = np.clip(found, index, self.size - 1)  # where rounding leads beyond
            columns.append(self.array[index])
        return np.stack(columns, axis=1)

    def _conditioned(self, length: int) -> list[NDArray[np.float64]]:
        """For each place the cumulative weights p(v) * P(the rest fits above v), from 0 on."""
        probabilities = np.array(self.probabilities)
        # Probability that the places behind this one never fall, and begin at v or above.
        rest: NDArray[np.float64] = np.ones(len(probabilities))
        tables = []
        for _ in range(length):  # from the last place to the first
            weights = probabilities * rest
            tables.append(np.concatenate([[0.0], np.cumsum(weights)]))
            rest = np.cumsum(weights[::-1])[::-1]
        return tables[::-1]

    def contains(self, value: object) -> bool:
        """Whether a value is in the range; names are in it if they are among the values."""
        least, greatest = self.values[0], self.values[-1]
        if not is_real(value) or not is_real(least) or not is_real(greatest):
            return value in self.values
        if self.whole and value % 1:
            return False
        if value < least:
            return False
        return value <= greatest if self.below is None else value < self.below

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self.values)


@dataclass(frozen=True)
class LogUniform:
    """The log-uniform law on an interval, 0 < low < high: learning rates, weight decays."""

    low: float
    high: float
    size: ClassVar[None] = None  # not countable

    def draw(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn uniform numbers from [0, 1) into values, one for one."""
        return np.clip(self.low * (self.high / self.low) ** uniforms, self.low, self.high)

    def contains(self, value: object) -> bool:
        """Whether a value is a number in the interval, both ends included."""
        return is_real(value) and self.low <= value <= self.high


Law = Lattice | LogUniform


def choice(values: Sequence[Value]) -> Lattice:
    """Return the law that gives each of some values the same probability."""
    numbers = [value for value in values if is_real(value)]
    ordered = tuple(sorted(numbers)) if len(numbers) == len(values) else tuple(values)
    return Lattice(ordered, (1 / len(ordered),) * len(ordered))


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    """Multiples of the step from low to high, exact in decimal."""
    if high / step > MAX_STEPS:
        raise ValueError(f'high must be at most {MAX_STEPS:,} steps')
    unit = Decimal(str(step))
    first, last = Decimal(str(low)) / unit, Decimal(str(high)) / unit
    if first % 1 or last % 1:
        raise ValueError('low and high must be multiples of step')
    multiples = [unit * number for number in range(int(first), int(last) + 1)]
    if unit % 1 == 0:
        return tuple(int(multiple) for multiple in multiples)
    return tuple(float(multiple) for multiple in multiples)


def uniform(low: float, high: float, step: float, below: float | None) -> Lattice:
    """Return the law in which every multiple of the step has the same probability.

    Args:
        low: least value, a multiple of the step.
        high: largest value, a multiple of the step.
        step: from a value to the next.
        below: where the range ends, see `Lattice`.

    Raises:
        ValueError: if the ends are no multiples of the step, or there are too many.
    """
    values = _multiples(low, high, step)
    return Lattice(values, (1 / len(values),) * len(values), below)


def log_uniform(low: float, high: float, step: float, below: float | None) -> Lattice:
    """Return the law of a log-uniform number that is rounded up to a multiple of the step.

    P(v) = ln(v / max(v - step, l)) / ln(high / l), with l = low - min(step, low / 2): what is
    rounded up to v is between v - step and v, and the range begins a step below low or, where that
    is not above 0, at half of it.

    Args:
        low: as in `uniform`, and so are all others.

    Raises:
        ValueError: as `uniform`.
    """
    values = _multiples(low, high, step)
    start = low - min(step, low / 2)
    total = log(high / start)
    probabilities = tuple(log(value / max(value - step, start)) / total for value in values)
    return Lattice(values, probabilities, below)


def power_or_multiple(low: float, high: float, step: float, below: float | None) -> Lattice:
    """Return the law of a power of two, of which large ones become multiples of the step.

    Each power of two from low to high has the same probability; from the step on, a log-uniform
    multiple of the step is drawn in its place.

    Args:
        low: as in `uniform`, and so are all others.

    Raises:
        ValueError: as `uniform`, or if there is nothing from low to high.
    """
    powers = [2**k for k in range(int(high).bit_length()) if low <= 2**k <= high]
    if high < step:
        if not powers:
            raise ValueError('there must be a power of two or a multiple of step from low to high')
        return choice(powers)
    multiples = log_uniform(max(low, step), high, step, below)
    small = tuple(power for power in powers if power < step)
    if not small:
        return multiples
    share = 1 - len(small) / len(powers)  # of the multiples
    return Lattice(
        values=small + multiples.values,
        probabilities=(1 / len(powers),) * len(small)
        + tuple(share * probability for probability in multiples.probabilities),
        below=below,
    )
