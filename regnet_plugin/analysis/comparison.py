"""The verdict on design spaces: which is better, by how much, and how sure that is at the
populations' sizes.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Iterable, Mapping, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from regnet_plugin.analysis.edf import edf
from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.kolmogorov_smirnov import KolmogorovSmirnov, kolmogorov_smirnov
from regnet_plugin.analysis.notation import interval_text, p_text, share_text

TEST = 'two-sample Kolmogorov-Smirnov test, two-sided'
CORRECTION = 'Holm'


@dataclass(frozen=True)
class PairComparison:
    """Two populations.

    Attributes:
        first, second (str): their names.
        n (tuple[int]): networks of each.
        minimum, mean (tuple[float]): least and mean error of each, in percent; NaN without
            networks.
        difference (float): mean error of the first less that of the second, in points; not finite
            where a failed network counts, NaN without networks.
        low, high (float): Welch's confidence interval of the difference, of this pair alone; NaN
            where a population has fewer than two networks or a failed one counts.
        probability (float): that a random network of the first has less error than one of the
            second, an equal one counts half (common-language effect size, Mann and Whitney's U /
            n_1 n_2); NaN without networks.
        test (KolmogorovSmirnov): D, and p before the correction.
        p_value (float): of the test, corrected; NaN if a population is empty.
        p_direction (float): of Welch's test of the mean errors, or Brunner and Munzel's where they
            are not finite, of this pair alone; 1 where a variance is not defined, NaN if a
            population is empty.
        level (float): up to which p values count.
        comparisons (int): number that p_value is corrected for.
    """

    first: str
    second: str
    n: Tuple[int, int]
    minimum: Tuple[float, float]
    mean: Tuple[float, float]
    difference: float
    low: float
    high: float
    probability: float
    test: KolmogorovSmirnov
    p_value: float
    p_direction: float
    level: float
    comparisons: int

    @property
    def differ(self):
        """Whether the distributions of error differ."""
        return self.p_value <= self.level

    @property
    def better(self):
        """Name of the better population; None unless they differ and so do the mean errors."""
        if not (self.differ and self.p_direction <= self.level):
            return None
        lower = self.difference < 0 if np.isfinite(self.difference) else self.probability > 0.5
        return self.first if lower else self.second

    @property
    def text(self):
        """Which is better, by how much, how sure: one sentence without a full stop."""
        first, second = self.first, self.second
        if 0 in self.n:
            return f'{first} and {second} are not compared at n = {self.n[0]} and {self.n[1]}'
        sure = p_text(self.p_value)
        if self.comparisons > 1:
            sure += f" after {CORRECTION}'s correction for {self.comparisons} comparisons"
        if self.better:
            worse = second if self.better == first else first
            return f'{self.better} is better than {worse}: {self._effect()}, {sure}'
        if self.differ:
            return f'{first} and {second} differ ({sure}), but which is better is not shown: {self._effect()}'
        apart = ', but the test decides' if self.p_direction <= self.level else ''
        return (
            f'no difference between {first} and {second} is shown at n = {self.n[0]} and '
            f'{self.n[1]} ({sure}): '
            f'{self._effect()}{apart}'
        )

    def _effect(self):
        """By how much the better one is; of two of which none is known to be, how the first
        compares.
        """
        first_is_better = self.better != self.second
        if not np.isfinite(self.difference):
            share = share_text(self.probability if first_is_better else 1 - self.probability)
            return f'a random network of {self.better or self.first} has less error in {share} of the pairs'
        lower = self.better is not None or self.difference <= 0
        values = self.difference, self.low, self.high
        if first_is_better and lower:
            # -0.0 would be written with its sign
            values = 0 - self.difference, 0 - self.high, 0 - self.low
        amount = interval_text(
            *values, 1 - self.level, 'points lower' if lower else 'points higher'
        )
        return (
            f'mean error {amount}' if self.better else f'the mean error of {self.first} is {amount}'
        )


@dataclass(frozen=True)
class Comparison:
    """All pairs.

    Attributes:
        pairs (tuple[PairComparison]): in the order asked for.
        level (float): of all of them together: the probability to call any two equal distributions
            different.
        comparisons (int): pairs that could be tested, which the correction is for.
        test, correction (str): their names.
    """

    pairs: Tuple[PairComparison, ...]
    level: float
    comparisons: int
    test: str = TEST
    correction: str = CORRECTION


def compare(
    populations: Mapping[str, ArrayLike],
    pairs: Optional[Iterable[Tuple[str, str]]] = None,
    *,
    level: float = 0.05,
) -> Comparison:
    """Say which of several populations' design spaces differ, and which is better.

    Whether two differ is decided by the Kolmogorov-Smirnov test of the 2019 paper, with Holm's
    correction for the number of pairs: equal spaces are called different, and so one of them
    better, with at most the probability ``level``. Of two that differ the one with the lower mean
    error is better if Welch's interval of the difference, that of the pair alone, leaves out 0.
    Where failed networks count (an error of +inf) there is no mean, and it is the one whose random
    network is more likely to have less error, by Brunner and Munzel's test.

    Args:
        populations (Mapping[str, array_like]): errors in percent by name; +inf for failed networks
            that count.
        pairs (Iterable[tuple[str, str]], optional): names to compare. Default: all pairs, in the
            order given.
        level (float): between 0 and 1; intervals have the confidence 1 - level. Default: 0.05.

    Returns:
        Comparison: defined for populations of no network or one, and for equal errors.

    Raises:
        ValueError: if the populations are no mapping, errors are NaN or -inf, a name is unknown, or
            the level is out of range.
    """
    check_share(level=level)
    if not isinstance(populations, Mapping):
        raise ValueError(
            "populations must be a mapping of names to errors, such as {'A': [31.2, 30.5]}, but it "
            'is a '
            f'{type(populations).__name__}'
        )
    functions = {name: edf(errors) for name, errors in populations.items()}
    pairs = list(combinations(functions, 2) if pairs is None else map(tuple, pairs))
    unknown = sorted({str(name) for pair in pairs for name in pair if name not in functions})
    if unknown:
        raise ValueError(
            f'pairs must be of {", ".join(map(str, functions))}, but they name {", ".join(unknown)}'
        )
    samples = {name: _Sample.of(f.errors) for name, f in functions.items()}
    tested = [
        _test(*(functions[name] for name in pair), *(samples[name] for name in pair), level)
        for pair in pairs
    ]
    p_values = holm([facts.pop('p_value') for facts in tested])
    comparisons = int(np.sum(~np.isnan(p_values)))
    return Comparison(
        tuple(
            PairComparison(*pair, **facts, p_value=p_value, level=level, comparisons=comparisons)
            for pair, facts, p_value in zip(pairs, tested, p_values.tolist())
        ),
        level,
        comparisons,
    )


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Correct p values for their number (Holm 1979).

    Sorted, the i-th of k is multiplied by k + 1 - i; none is less than the one before or above 1.
    NaN does not count.
    """
    p_values = np.array(p_values, dtype=float)
    order = np.argsort(p_values)[: np.sum(~np.isnan(p_values))]
    p_values[order] = np.minimum(
        1, np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    )
    return p_values


@dataclass(frozen=True)
class _Sample:
    """Size, mean and variance (n - 1) of numbers; NaN where not defined."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values):
        n = len(values)
        if n == 0 or not np.isfinite(values).all():
            return cls(n, float('inf') if n else float('nan'), float('nan'))
        # rounding must not give equal numbers a variance
        if n == 1 or values.min() == values.max():
            return cls(n, float(values[0]), 0.0 if n > 1 else float('nan'))
        return cls(n, float(values.mean()), float(values.var(ddof=1)))


def _test(first, second, of_first, of_second, level):
    """What is said about two EDFs, before any correction."""
    test = kolmogorov_smirnov(first, second)
    difference, spread = of_first.mean - of_second.mean, _Spread.of(of_first, of_second)
    half_width = spread.half_width(level)
    facts = dict(
        n=(first.n, second.n),
        minimum=(first.minimum, second.minimum),
        mean=(first.mean, second.mean),
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        test=test,
        p_value=test.p_value,
    )
    if not (first.n and second.n):
        return dict(facts, probability=float('nan'), p_direction=float('nan'))
    wins = _wins(first, second)
    probability = float(wins.mean())
    if np.isfinite(difference):
        return dict(facts, probability=probability, p_direction=spread.p_value(difference))
    # the test of Brunner and Munzel
    spread = _Spread.of(_Sample.of(wins), _Sample.of(_wins(second, first)))
    return dict(facts, probability=probability, p_direction=spread.p_value(probability - 0.5))


@dataclass(frozen=True)
class _Spread:
    """Welch's standard error of a difference of means and its degrees of freedom; NaN where a
    variance is missing.
    """

    error: float
    freedom: float

    @classmethod
    def of(cls, first, second):
        parts = first.variance / max(1, first.n), second.variance / max(1, second.n)
        squared = sum(parts)
        if not squared > 0:
            return cls(squared, float('nan'))
        share = parts[0] / squared
        return cls(squared**0.5, 1 / (share**2 / (first.n - 1) + (1 - share) ** 2 / (second.n - 1)))

    def half_width(self, level):
        """Of the interval with the confidence 1 - level."""
        return (
            float(special.stdtrit(self.freedom, 1 - level / 2)) * self.error
            if self.error > 0
            else self.error
        )

    def p_value(self, difference):
        """Two-sided; 1 where a variance is missing."""
        if self.error > 0:
            return 2 * float(special.stdtr(self.freedom, -abs(difference) / self.error))
        return 0.0 if self.error == 0 and difference != 0 else 1.0


def _wins(own, other):
    """For each network of one population the share of the other's that have more error; equal ones
    count half.
    """
    places = other.errors.searchsorted(own.errors, 'left') + other.errors.searchsorted(
        own.errors, 'right'
    )
    return 1 - places / (2 * other.n)
