"""Laws of single parameters, and of one parameter over the stages of a network.

The paper says "log-uniform" and no more; the lattices are those of the authors' code, in which a
real number is drawn and rounded up to the next multiple of a step. A law knows two things apart:
the values that are drawn, and the range in which a value belongs to the space whether it is on the
lattice or not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import comb, factorial, log
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.group_width import as_fraction
from regnet_plugin.core.number_checks import is_count, is_real

# Far beyond any space; keep typing errors from filling memory and integers.
MAX_STEPS, MAX_WHOLE = 10**6, 10**9

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


def uniform(low: float, high: float, step: float = 1, below: float | None = None) -> Lattice:
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


def log_uniform(low: float, high: float, step: float = 1, below: float | None = None) -> Lattice:
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


def power_or_multiple(
    low: float, high: float, step: float = 8, below: float | None = None
) -> Lattice:
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


_LAWS = {'uniform': uniform, 'log_uniform': log_uniform, 'power_or_multiple': power_or_multiple}


@dataclass(frozen=True)
class Rule:
    """What each value of a law, or of an entry in a file, must be.

    Attributes:
        words: in words, the end of a sentence that begins with "must be".
        keeps: as a test of a value.
        whole: whether the range has whole numbers only.
        continuous: whether every number between two such values is one.
    """

    words: str
    keeps: Callable[[object], bool]
    whole: bool = False
    continuous: bool = False

    def check(self, law: Law) -> None:
        """Raise a ValueError if the law has other values."""
        is_continuous = isinstance(law, LogUniform)
        values = (law.low, law.high) if isinstance(law, LogUniform) else law.values
        if not all(self.keeps(value) for value in values):
            raise ValueError(f'values must be {self.words}')
        if is_continuous and not self.continuous:
            raise ValueError(f'values must be {self.words}, which needs a step')


def _is_ratio(value: object) -> bool:
    try:
        as_fraction(value)
    except ValueError:
        return False
    return True


def whole_to(largest: int) -> Rule:
    """Make the rule of whole numbers from 1 up to one."""

    def keeps(value: object) -> bool:
        return is_count(value) and value <= largest

    return Rule(f'whole numbers from 1 to {largest:,}', keeps, whole=True)


ABOVE_0 = Rule('numbers above 0', lambda value: is_real(value) and value > 0, continuous=True)
WHOLE = whole_to(MAX_WHOLE)
RATIOS = Rule('ratios of whole numbers from 1 to 64', _is_ratio)
NAMES = Rule('names', lambda value: isinstance(value, str))


def as_law(value: object, name: str, rule: Rule = ABOVE_0) -> Law:
    """Make a law from what a config writes.

    Args:
        value: one value, a list of equally likely values, none of them twice, or ``dict(law=,
            low=, high=, step=1)`` with the law 'uniform', 'log_uniform' or 'power_or_multiple'.
            ``below`` in place of ``high`` ends the range before it; ``step=None`` makes the
            log-uniform law continuous.
        name: what an error message calls the parameter.
        rule: what each value must be.

    Raises:
        ValueError: if it is none of these, or a value breaks the rule.
    """
    try:
        law = _law_of_dict(value) if isinstance(value, dict) else choice(_listed(value))
        rule.check(law)
    except ValueError as error:
        raise ValueError(f'{name}: {error}, but {name}={value!r}') from None
    if rule.whole and isinstance(law, Lattice):
        return replace(law, whole=True)
    return law


def _listed(value: object) -> Sequence[Value]:
    """The values of a list, or the one that is given; refuse what is no value, and repetitions."""
    given = value if isinstance(value, (list, tuple)) else [value]
    values = [entry for entry in given if is_real(entry) or isinstance(entry, str)]
    if not values or len(values) < len(given):
        raise ValueError('a law is a value, a list of values, or a dict with law, low and high')
    if len(set(values)) < len(values):  # weights would need another way to be written
        raise ValueError('a list must have each value once')
    return values


def _law_of_dict(entries: Mapping[str, Any]) -> Law:
    """Make a law from ``dict(law=, low=, high= or below=, step=1)``."""
    given: dict[str, Any] = {'step': 1}
    for name, entry in entries.items():
        # None is a step of its own; elsewhere it says that there is no such entry.
        if entry is not None or name == 'step':
            given[name] = entry
    if set(given) not in ({'law', 'low', 'high', 'step'}, {'law', 'low', 'below', 'step'}):
        raise ValueError(
            'a law has the entries law, low, either high or below, and step where it is not 1'
        )
    law = given['law']
    if law not in tuple(_LAWS):
        raise ValueError(f'law must be one of {", ".join(_LAWS)}')
    numbers = [entry for name, entry in given.items() if name != 'law' and entry is not None]
    if not all(is_real(number) and number > 0 for number in numbers):
        raise ValueError('low, high, below and step must be numbers above 0')
    low, step, below = given['low'], given['step'], given.get('below')
    high: Any = given.get('high')
    if step is None:
        return _continuous(law, low, high)
    # The largest value of the lattice: a step before where the range ends.
    largest = high if below is None else float(Decimal(str(below)) - Decimal(str(step)))
    if low > largest:
        raise ValueError('low must not be above high')
    return _LAWS[law](low, largest, step, below=below)


def _continuous(law: str, low: float, high: float | None) -> LogUniform:
    if law != 'log_uniform' or high is None:
        raise ValueError('without a step only the law log_uniform from low to high is possible')
    if low >= high or not is_real(high / low):
        raise ValueError('high must be above low, and high / low a number that a float can hold')
    return LogUniform(low, high)


ORDERS = (None, 'shared', 'increasing', 'decreasing')


@dataclass(frozen=True)
class Parameter:
    """One parameter of a space: its law, and how it runs through the stages.

    Attributes:
        law: of one value.
        stages: values per network; None for a parameter of the whole network.
        order: 'shared' (one draw for all stages), 'increasing' (w_{i+1} >= w_i) or 'decreasing',
            by the law of independent draws conditioned on the rule; None for independent draws.

    Raises:
        ValueError: if there is no such order, or none of its values on a continuous law.
    """

    law: Law
    stages: int | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise ValueError(
                f'an order of the stages must be one of {ORDERS}, but it is {self.order!r}'
            )
        if self._is_monotone and isinstance(self.law, LogUniform):
            raise ValueError(f'an order of the stages needs a law with a step, but law={self.law}')

    @property
    def _is_monotone(self) -> bool:
        return self.order in ('increasing', 'decreasing')

    @property
    def dimension(self) -> int:
        """Degrees of freedom: 0 for a value that is given."""
        return 0 if self.law.size == 1 else self.num_uniforms

    @property
    def num_uniforms(self) -> int:
        """Uniform numbers that a draw takes."""
        return 1 if self.stages is None or self.order == 'shared' else self.stages

    def draw(self, uniforms: NDArray[np.float64]) -> NDArray[Any]:
        """Turn uniform numbers into values.

        Args:
            uniforms: from [0, 1), of shape (n, num_uniforms).

        Returns:
            Of shape (n, ) for a parameter of the whole network, else (n, stages).
        """
        if self.stages is None:
            return self.law.draw(uniforms[:, 0])
        if self.order == 'shared':
            return np.repeat(self.law.draw(uniforms), self.stages, axis=1)
        if self.order is None or isinstance(self.law, LogUniform):
            return self.law.draw(uniforms)
        values = self.law.draw_increasing(uniforms)
        return values if self.order == 'increasing' else values[:, ::-1]

    def contains(self, value: object) -> bool:
        """Whether a value, or a list of one per stage, is in the range and keeps the order."""
        if self.stages is None:
            return self.law.contains(value)
        if not isinstance(value, (list, tuple)) or len(value) != self.stages:
            return False
        if not all(self.law.contains(entry) for entry in value):
            return False
        steps = list(zip(value, value[1:]))
        if self.order == 'shared':
            return all(one == other for one, other in steps)
        if self.order == 'increasing':
            return all(one <= other for one, other in steps)
        if self.order == 'decreasing':
            return all(one >= other for one, other in steps)
        return True

    @property
    def size(self) -> int | None:
        """Number of different values, or rows of values; None if they cannot be counted."""
        if self.law.size is None:
            return None
        if self._is_monotone and self.stages is not None:
            return comb(self.law.size + self.stages - 1, self.stages)
        rows: int = self.law.size**self.num_uniforms
        return rows

    @property
    def paper_size(self) -> Fraction | None:
        """The size as in table 1: ordered rows are all rows divided by S!, as if without ties."""
        if self.law.size is None:
            return None
        size = Fraction(self.law.size**self.num_uniforms)
        if self._is_monotone and self.stages is not None:
            return size / factorial(self.stages)
        return size
