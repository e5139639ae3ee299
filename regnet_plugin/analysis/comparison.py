"""The verdict on design spaces: which is better, by how much, and how sure that is.

It is sure at the populations' sizes: a statement about the spaces, of which the populations are
samples.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from regnet_plugin.analysis.edf import EDF, edf
from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.kolmogorov_smirnov import KolmogorovSmirnov, kolmogorov_smirnov
from regnet_plugin.analysis.notation import interval_text, p_text, share_text

TEST = 'two-sample Kolmogorov-Smirnov test, two-sided'
CORRECTION = 'Holm'


@dataclass(frozen=True)
class PairComparison:
    """What is said about two populations, a first and a second one.

    Attributes:
        first, second: their names.
        n: networks of each.
        minimum, mean: least and mean error of each, in percent; NaN without networks.
        difference: mean error of the first less that of the second, in points; not finite where a
            failed network counts, NaN without networks.
        low, high: Welch's confidence interval of the difference, of this pair alone; NaN where a
            population has fewer than two networks or a failed one counts.
        probability: that a random network of the first has less error than one of the second, an
            equal one counts half (common-language effect size, Mann and Whitney's U / n_1 n_2); NaN
            without networks.
        test: D, and p before the correction.
        p_value: of the test, corrected; NaN if a population is empty.
        p_direction: of Welch's test of the mean errors, or Brunner and Munzel's where they are not
            finite, of this pair alone; 1 where a variance is not defined, NaN if a population is
            empty.
        level: up to which p values count, between 0 and 1.
        comparisons: number of comparisons that p_value is corrected for.
    """

    first: str
    second: str
    n: tuple[int, int]
    minimum: tuple[float, float]
    mean: tuple[float, float]
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
    def differ(self) -> bool:
        """Whether the distributions of error differ."""
        return self.p_value <= self.level

    @property
    def better(self) -> str | None:
        """Name of the better population; None unless they differ and so do the mean errors."""
        if not self.differ or not self.p_direction <= self.level:
            return None
        if np.isfinite(self.difference):
            first_is_better = self.difference < 0
        else:
            first_is_better = self.probability > 0.5
        return self.first if first_is_better else self.second

    @property
    def text(self) -> str:
        """Which is better, by how much, how sure: one sentence without a full stop."""
        first, second = self.first, self.second
        sizes = f'n = {self.n[0]} and {self.n[1]}'
        if 0 in self.n:
            return f'{first} and {second} are not compared at {sizes}'
        sure = p_text(self.p_value)
        if self.comparisons > 1:
            sure += f" after {CORRECTION}'s correction for {self.comparisons} comparisons"
        effect = self._effect()
        if self.better:
            worse = second if self.better == first else first
            return f'{self.better} is better than {worse}: {effect}, {sure}'
        if self.differ:
            return (
                f'{first} and {second} differ ({sure}), but which is better is not shown: {effect}'
            )
        text = f'no difference between {first} and {second} is shown at {sizes} ({sure}): {effect}'
        if self.p_direction <= self.level:
            text += ', but the test decides'  # the interval beside it leaves out 0
        return text

    def _effect(self) -> str:
        """By how much the better one is better, or the first differs if none is known to be."""
        if not np.isfinite(self.difference):
            name = self.better or self.first
            of_first = name == self.first
            share = share_text(self.probability if of_first else 1 - self.probability)
            return f'a random network of {name} has less error in {share} of the pairs'
        amount, low, high = self.difference, self.low, self.high
        if self.difference <= 0:
            # subtracted, since the negative of 0.0 would be written with a sign
            amount, low, high = 0 - self.difference, 0 - self.high, 0 - self.low
        if self.better:
            # its mean error is the lower one, whether it is the first or the second
            interval = interval_text(amount, low, high, 1 - self.level, 'points lower')
            return f'mean error {interval}'
        unit = 'points lower' if self.difference <= 0 else 'points higher'
        interval = interval_text(amount, low, high, 1 - self.level, unit)
        return f'the mean error of {self.first} is {interval}'


@dataclass(frozen=True)
class Comparison:
    """All pairs that were asked for.

    Attributes:
        pairs: in the order asked for.
        level: of all of them together, the probability to call any two equal distributions
            different.
        comparisons: number of the pairs that could be tested, which the correction is for.
        test, correction: their names.
    """

    pairs: tuple[PairComparison, ...]
    level: float
    comparisons: int
    test: str = TEST
    correction: str = CORRECTION


def compare(
    populations: Mapping[str, ArrayLike],
    pairs: Iterable[tuple[str, str]] | None = None,
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
        populations: errors in percent by name; +inf for failed networks that count.
        pairs: names to compare. Default: all pairs, in the order given.
        level: between 0 and 1; intervals have the confidence 1 - level. Default: 0.05.

    Returns:
        The comparison of each pair; it is defined also for populations of no network or one, and
        for equal errors.

    Raises:
        ValueError: if the populations are no mapping, errors are NaN or -inf, a name is unknown, or
            the level is out of range.
    """
    check_share(level=level)
    if not isinstance(populations, Mapping):
        raise ValueError(
            "populations must be a mapping of names to errors, such as {'A': [31.2, 30.5]}, but it "
            f'is a {type(populations).__name__}'
        )
    known = {name: _Population.of(errors) for name, errors in populations.items()}
    if pairs is None:
        pairs = combinations(known, 2)
    wanted = [(first, second) for first, second in pairs]
    unknown = {str(name) for pair in wanted for name in pair if name not in known}
    if unknown:
        raise ValueError(
            f'pairs must be of {", ".join(map(str, known))}, but they name '
            f'{", ".join(sorted(unknown))}'
        )

    uncorrected = []
    for first, second in wanted:
        uncorrected.append(_compare_pair(first, known[first], second, known[second], level))
    p_values = holm([pair.p_value for pair in uncorrected])
    comparisons = int(np.count_nonzero(~np.isnan(p_values)))
    corrected = []
    for pair, p_value in zip(uncorrected, p_values.tolist()):
        corrected.append(replace(pair, p_value=p_value, comparisons=comparisons))
    return Comparison(tuple(corrected), level, comparisons)


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Correct p values for their number (Holm 1979).

    Sorted, the i-th of k is multiplied by k + 1 - i; none is less than the one before or above 1.

    Args:
        p_values: numbers from 0 to 1; NaN does not count and stays NaN.

    Returns:
        The corrected p values in the order given.
    """
    corrected = np.array(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(corrected))
    order = known[np.argsort(corrected[known])]
    multipliers = np.arange(len(order), 0, -1)
    never_falling = np.maximum.accumulate(corrected[order] * multipliers)
    corrected[order] = np.minimum(1, never_falling)
    return corrected


@dataclass(frozen=True)
class _Moments:
    """Size, mean and variance (with divisor n - 1) of numbers; NaN where not defined."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> '_Moments':
        """Compute them of n numbers; with an infinite one the mean is inf."""
        n = len(values)
        if n == 0:
            return cls(n, float('nan'), float('nan'))
        if not np.isfinite(values).all():
            return cls(n, float('inf'), float('nan'))
        if n == 1:
            return cls(n, float(values[0]), float('nan'))
        if values.min() == values.max():
            return cls(n, float(values[0]), 0.0)  # rounding must not give them a variance
        return cls(n, float(values.mean()), float(values.var(ddof=1)))


@dataclass(frozen=True)
class _Population:
    """What all comparisons of a population share."""

    edf: EDF
    moments: _Moments

    @classmethod
    def of(cls, errors: ArrayLike) -> '_Population':
        """Make it of n errors."""
        f = edf(errors)
        return cls(f, _Moments.of(f.errors))


def _compare_pair(
    first_name: str, first: _Population, second_name: str, second: _Population, level: float
) -> PairComparison:
    """Compare two populations as if they were the only ones: p is not corrected."""
    test = kolmogorov_smirnov(first.edf, second.edf)
    difference = first.moments.mean - second.moments.mean
    spread = _Spread.of(first.moments, second.moments)
    half_width = spread.half_width(level)

    probability = p_direction = float('nan')
    if first.edf.n and second.edf.n:
        wins = _wins(first.edf, second.edf)
        probability = float(wins.mean())
        if np.isfinite(difference):
            p_direction = spread.p_value(difference)
        else:  # Brunner and Munzel's test
            losses = _wins(second.edf, first.edf)
            spread = _Spread.of(_Moments.of(wins), _Moments.of(losses))
            p_direction = spread.p_value(probability - 0.5)

    return PairComparison(
        first=first_name,
        second=second_name,
        n=(first.edf.n, second.edf.n),
        minimum=(first.edf.minimum, second.edf.minimum),
        mean=(first.edf.mean, second.edf.mean),
        difference=difference,
        low=difference - half_width,
        high=difference + half_width,
        probability=probability,
        test=test,
        p_value=test.p_value,
        p_direction=p_direction,
        level=level,
        comparisons=1,
    )


@dataclass(frozen=True)
class _Spread:
    """How far a difference of two means may be from the true one, by Welch.

    Attributes:
        error: standard error of the difference; NaN where a variance is missing.
        freedom: degrees of freedom of the t distribution; NaN where the error is 0 or missing.
    """

    error: float
    freedom: float

    @classmethod
    def of(cls, first: _Moments, second: _Moments) -> '_Spread':
        """Compute it of two populations; it is 0 where neither varies."""
        first_part = first.variance / max(1, first.n)
        second_part = second.variance / max(1, second.n)
        squared_error = first_part + second_part
        if not squared_error > 0:
            return cls(squared_error, float('nan'))
        # Welch-Satterthwaite, by the first one's share of the variance: squares of tiny
        # variances themselves could be 0
        share = first_part / squared_error
        freedom = 1 / (share**2 / (first.n - 1) + (1 - share) ** 2 / (second.n - 1))
        return cls(squared_error**0.5, freedom)

    def half_width(self, level: float) -> float:
        """Half width of the interval with the confidence 1 - level; NaN where one is missing."""
        if not self.error > 0:
            return self.error
        return float(special.stdtrit(self.freedom, 1 - level / 2)) * self.error

    def p_value(self, difference: float) -> float:
        """Two-sided p of a difference from 0; 1 where a variance is missing."""
        if self.error > 0:
            return 2 * float(special.stdtr(self.freedom, -abs(difference) / self.error))
        if self.error == 0 and difference != 0:
            return 0.0
        return 1.0


def _wins(own: EDF, other: EDF) -> NDArray[np.float64]:
    """Share of the other's networks that have more error than each own one; equal ones count half.

    Returns:
        Array of shape (own.n,).
    """
    fewer = other.errors.searchsorted(own.errors, 'left')
    at_most = other.errors.searchsorted(own.errors, 'right')
    wins: NDArray[np.float64] = 1 - (fewer + at_most) / (2 * other.n)
    return wins
