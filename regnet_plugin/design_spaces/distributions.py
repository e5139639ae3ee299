"""Laws of single parameters, and of one parameter over the stages of a network.

The paper says "log-uniform" and no more; the lattices are those of the authors' code, in which a
real number is drawn and rounded up to the next multiple of a step. A law knows two things apart:
the values that are drawn, and the range in which a value belongs to the space whether it is on the
lattice or not.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import comb, factorial, log
from typing import Callable, Optional, Tuple

import numpy as np

from regnet_plugin.core.group_width import as_fraction
from regnet_plugin.core.number_checks import is_count, is_real

# far beyond any space; keep typing errors from filling memory and integers
MAX_STEPS, MAX_WHOLE = 10**6, 10**9


_PARTS = 1024  # a power of two, so that the part of a number is found without rounding


@dataclass(frozen=True)
class Lattice:
    """A law on finitely many values.

    Attributes:
        values (tuple): ascending where they are numbers.
        probabilities (tuple[float]): of each value; they add up to 1.
        below (float, optional): where the range ends, this value excluded. Default: None, at the
            largest value.
        whole (bool): whether only whole numbers belong to the range. Default: False.
    """

    values: Tuple
    probabilities: Tuple[float, ...]
    below: Optional[float] = None
    whole: bool = False

    @cached_property
    def array(self):
        return np.array(self.values)

    @cached_property
    def _ends(self):
        """Where in [0, 1) the values end; the last one takes what rounding leaves over."""
        return np.append(np.cumsum(self.probabilities)[:-1], np.inf)

    @cached_property
    def _first(self):
        """Which value has the beginning of each of the equal parts of [0, 1)."""
        return np.searchsorted(self._ends, np.arange(_PARTS) / _PARTS, side='right')

    def draw(self, uniforms):
        """Turn uniform numbers from [0, 1) into values, one for one."""
        # from there a step or two, much less than a search
        index = self._first[(uniforms * _PARTS).astype(np.int64)]
        while np.any(beyond := self._ends[index] <= uniforms):
            index += beyond
        return self.array[index]

    def draw_increasing(self, uniforms):
        """Draw rows of values that never fall, by the law of independent draws conditioned on that.

        The first value is drawn with weight p(v) * P(the others do not fall below v, nor among
        themselves), and so on: exact, and nothing is rejected. Sorting independent draws would be
        another law, with too little weight on ties.

        Args:
            uniforms (np.ndarray): of shape (n, S), from [0, 1).

        Returns:
            np.ndarray: values, of shape (n, S).
        """
        index = np.zeros(len(uniforms), dtype=np.int64)
        columns = []
        for column, cumulative in zip(uniforms.T, self._conditioned(uniforms.shape[1])):
            start = cumulative[index]
            point = start + column * (cumulative[-1] - start)
            index = np.clip(
                np.searchsorted(cumulative, point, side='right') - 1, index, len(self.values) - 1
            )
            columns.append(self.array[index])
        return np.stack(columns, axis=1)

    def _conditioned(self, length):
        """For each place the cumulative weights p(v) * P(the rest fits above v), beginning with 0."""
        probabilities = np.array(self.probabilities)
        rest, tables = np.ones(len(probabilities)), []
        for _ in range(length):
            weights = probabilities * rest
            tables.append(np.concatenate([[0.0], np.cumsum(weights)]))
            rest = np.cumsum(weights[::-1])[::-1]
        return tables[::-1]

    def contains(self, value):
        """Whether a value is in the range; names are in it if they are among the values."""
        if not is_real(value) or not is_real(self.values[0]):
            return value in self.values
        if self.whole and value % 1:
            return False
        return self.values[0] <= value and (
            value <= self.values[-1] if self.below is None else value < self.below
        )

    @property
    def size(self):
        return len(self.values)


@dataclass(frozen=True)
class LogUniform:
    """The log-uniform law on an interval, 0 < low < high: learning rates, weight decays."""

    low: float
    high: float
    size = None  # not countable

    def draw(self, uniforms):
        return np.clip(self.low * (self.high / self.low) ** uniforms, self.low, self.high)

    def contains(self, value):
        return is_real(value) and self.low <= value <= self.high


def choice(values):
    """The law that gives each of some values the same probability."""
    values = tuple(sorted(values) if all(map(is_real, values)) else values)
    return Lattice(values, (1 / len(values),) * len(values))


def _multiples(low, high, step):
    """Multiples of the step from low to high, exact in decimal."""
    if high / step > MAX_STEPS:
        raise ValueError(f'high must be at most {MAX_STEPS:,} steps')
    unit = Decimal(str(step))
    first, last = Decimal(str(low)) / unit, Decimal(str(high)) / unit
    if first % 1 or last % 1:
        raise ValueError('low and high must be multiples of step')
    values = (unit * number for number in range(int(first), int(last) + 1))
    return tuple(int(value) if unit % 1 == 0 else float(value) for value in values)


def uniform(low, high, step=1, below=None):
    """Every multiple of the step has the same probability."""
    values = _multiples(low, high, step)
    return Lattice(values, (1 / len(values),) * len(values), below)


def log_uniform(low, high, step=1, below=None):
    """A log-uniform number rounded up: P(v) = ln(v / max(v - step, l)) / ln(high / l), l = low -
    min(step, low / 2).
    """
    values = _multiples(low, high, step)
    start = low - min(step, low / 2)
    total = log(high / start)
    return Lattice(
        values, tuple(log(value / max(value - step, start)) / total for value in values), below
    )


def power_or_multiple(low, high, step=8, below=None):
    """A power of two; from the step on, a log-uniform multiple of the step is drawn in its place."""
    powers = [2**k for k in range(int(high).bit_length()) if low <= 2**k <= high]
    small = tuple(power for power in powers if power < step)
    if high < step:
        if not powers:
            raise ValueError('there must be a power of two or a multiple of step from low to high')
        return choice(powers)
    large = log_uniform(max(low, step), high, step, below)
    if not small:
        return large
    share = 1 - len(small) / len(powers)
    return Lattice(
        small + large.values,
        (1 / len(powers),) * len(small) + tuple(share * p for p in large.probabilities),
        below,
    )


_LAWS = {'uniform': uniform, 'log_uniform': log_uniform, 'power_or_multiple': power_or_multiple}


@dataclass(frozen=True)
class Rule:
    """What each value of a law must be.

    Attributes:
        words (str), keeps (Callable): in words, and as a test of a value.
        whole (bool): whether the range has whole numbers only. Default: False.
        continuous (bool): whether every number between two such values is one. Default: False.
    """

    words: str
    keeps: Callable[[object], bool]
    whole: bool = False
    continuous: bool = False

    def check(self, law):
        """Raise a ValueError if the law has other values."""
        values = (law.low, law.high) if law.size is None else law.values
        if not all(map(self.keeps, values)):
            raise ValueError(f'values must be {self.words}')
        if law.size is None and not self.continuous:
            raise ValueError(f'values must be {self.words}, which needs a step')


def _is_ratio(value):
    try:
        return as_fraction(value) > 0
    except ValueError:
        return False


def whole_to(most: int) -> Rule:
    """Make the rule of whole numbers up to one."""
    return Rule(
        f'whole numbers from 1 to {most:,}',
        lambda value: is_count(value) and value <= most,
        whole=True,
    )


ABOVE_0 = Rule('numbers above 0', lambda value: is_real(value) and value > 0, continuous=True)
WHOLE = whole_to(MAX_WHOLE)
RATIOS = Rule('ratios of whole numbers from 1 to 64', _is_ratio)
NAMES = Rule('names', lambda value: isinstance(value, str))


def as_law(value, name, rule=ABOVE_0):
    """Make a law from what a config writes.

    Args:
        value (number | str | list | dict): one value, a list of equally likely values, none of them
            twice, or ``dict(law=, low=, high=, step=1)`` with the law 'uniform', 'log_uniform' or
            'power_or_multiple'. ``below`` in place of ``high`` ends the range before it;
            ``step=None`` makes the log-uniform law continuous.
        name (str): what an error message calls the parameter.
        rule (Rule): what each value must be. Default: a number above 0.

    Raises:
        ValueError: if it is none of these, or a value breaks the rule.
    """
    try:
        law = _law_of_dict(value) if isinstance(value, dict) else choice(_listed(value))
        rule.check(law)
        return replace(law, whole=True) if rule.whole else law
    except ValueError as error:
        raise ValueError(f'{name}: {error}, but {name}={value!r}') from None


def _listed(value):
    values = value if isinstance(value, (list, tuple)) else [value]
    if not values or not all(is_real(entry) or isinstance(entry, str) for entry in values):
        raise ValueError('a law is a value, a list of values, or a dict with law, low and high')
    if len(set(values)) < len(values):  # weights would need another way to be written
        raise ValueError('a list must have each value once')
    return values


def _law_of_dict(entries):
    entries = {
        'step': 1,
        **{name: entry for name, entry in entries.items() if name == 'step' or entry is not None},
    }
    law, low, step = (entries.get(name) for name in ('law', 'low', 'step'))
    if set(entries) not in ({'law', 'low', 'high', 'step'}, {'law', 'low', 'below', 'step'}):
        raise ValueError(
            'a law has the entries law, low, either high or below, and step where it is not 1'
        )
    if law not in tuple(_LAWS):
        raise ValueError(f'law must be one of {", ".join(_LAWS)}')
    if not all(
        is_real(entry) and entry > 0
        for name, entry in entries.items()
        if name != 'law' and entry is not None
    ):
        raise ValueError('low, high, below and step must be numbers above 0')
    if step is None:
        return _continuous(**entries)
    below = entries.get('below')
    high = entries['high'] if below is None else float(Decimal(str(below)) - Decimal(str(step)))
    if low > high:
        raise ValueError('low must not be above high')
    return _LAWS[law](low, high, step, below=below)


def _continuous(law, low, step, high=None, below=None):
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
        law (Lattice | LogUniform): of one value.
        stages (int, optional): values per network; None for a parameter of the whole network.
        order (str, optional): 'shared' (one draw for all stages), 'increasing' (w_{i+1} >= w_i) or
            'decreasing', by the law of independent draws conditioned on the rule. Default: None,
            independent draws.
    """

    law: object
    stages: Optional[int] = None
    order: Optional[str] = None

    def __post_init__(self):
        if self.order not in ORDERS:
            raise ValueError(
                f'an order of the stages must be one of {ORDERS}, but it is {self.order!r}'
            )

    @property
    def dimension(self):
        """Degrees of freedom: 0 for a value that is given."""
        if self.law.size == 1:
            return 0
        return 1 if self.stages is None or self.order == 'shared' else self.stages

    @property
    def num_uniforms(self):
        return 1 if self.stages is None or self.order == 'shared' else self.stages

    def draw(self, uniforms):
        """Turn uniform numbers of shape (n, num_uniforms) into values of shape (n, ) or (n,
        stages).
        """
        if self.stages is None:
            return self.law.draw(uniforms[:, 0])
        if self.order == 'shared':
            return np.repeat(self.law.draw(uniforms), self.stages, axis=1)
        if self.order is None:
            return self.law.draw(uniforms)
        values = self.law.draw_increasing(uniforms)
        return values if self.order == 'increasing' else values[:, ::-1]

    def contains(self, value):
        """Whether a value, or a list of one per stage, is in the range and keeps the order."""
        if self.stages is None:
            return self.law.contains(value)
        if (
            not isinstance(value, (list, tuple))
            or len(value) != self.stages
            or not all(map(self.law.contains, value))
        ):
            return False
        steps = list(zip(value, value[1:]))
        return {
            None: True,
            'shared': all(a == b for a, b in steps),
            'increasing': all(a <= b for a, b in steps),
            'decreasing': all(a >= b for a, b in steps),
        }[self.order]

    @property
    def size(self):
        """How many different values, or rows of values, can be drawn; None if they cannot be
        counted.
        """
        if self.law.size is None:
            return None
        if self.order in ('increasing', 'decreasing'):
            return comb(self.law.size + self.stages - 1, self.stages)
        return self.law.size**self.num_uniforms

    @property
    def paper_size(self):
        """The same as in table 1: ordered rows are all rows divided by S!, as if no two values were
        equal.
        """
        if self.law.size is None:
            return None
        size = Fraction(self.law.size**self.num_uniforms)
        return size / factorial(self.stages) if self.order in ('increasing', 'decreasing') else size
