"""Parameters of a space: laws as a config writes them, and how they run through the stages.

`laws` has the laws themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import comb, factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.group_width import as_fraction
from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.design_spaces.laws import (
    Lattice,
    Law,
    LogUniform,
    Value,
    choice,
    log_uniform,
    power_or_multiple,
    uniform,
)

MAX_WHOLE = 10**9  # far beyond any space; keeps typing errors from filling integers

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
        values = (law.low, law.high) if isinstance(law, LogUniform) else law.values
        if not all(self.keeps(value) for value in values):
            raise ValueError(f'values must be {self.words}')
        if isinstance(law, LogUniform) and not self.continuous:
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
FROM_0 = Rule(  # as NumPy holds it
    'a whole number from 0 to 2**63 - 1', lambda value: type(value) is int and 0 <= value < 2**63
)
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
        raise ValueError(
            'a law is a value, a list of values (numbers or names), or a dict with law, low and '
            'high'
        )
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
        ValueError: if there is no such order, or the law has no step and the values are to rise or
            fall.
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
