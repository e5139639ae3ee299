"""Statistics that only a study needs: rank correlations, exponents, and what can be significant."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 0.95  # confidence of all intervals
SIGNIFICANCE = 0.05  # up to which p values count
# Networks: of fewer against as many no difference can be significant at the 5% level.
FEWEST_NETWORKS = 4
# An interval of a correlation nearer to 1 than that has no width, but for rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval.

    Attributes:
        value: NaN where it is not defined.
        low, high: NaN where the interval is not defined.
        n: networks that it is of.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def is_defined(self) -> bool:
        """Whether the number is."""
        return bool(np.isfinite(self.value))

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the interval are defined."""
        return bool(np.isfinite([self.low, self.high]).all())


def rank_correlation(values: NDArray[np.float64], errors: NDArray[np.float64]) -> Estimate:
    """Compute Spearman's rank correlation with its interval (Bonett and Wright, 2000).

    Args:
        values: n numbers, NaN where unknown.
        errors: n numbers; those of failed networks, which are not finite, are left out.

    Returns:
        The correlation; not defined for fewer than two networks, or values that are all equal. The
        interval is not defined for fewer than four networks, or a correlation of 1.
    """
    nan = float('nan')
    known = np.isfinite(values) & np.isfinite(errors)
    values, errors, n = values[known], errors[known], int(known.sum())
    if n < 2 or values.min() == values.max() or errors.min() == errors.max():
        return Estimate(nan, nan, nan, n)
    r = float(stats.spearmanr(values, errors).statistic)
    if n < FEWEST_NETWORKS or abs(r) > 1 - _ROUNDING:
        return Estimate(r, nan, nan, n)
    standard_error = np.sqrt((1 + r**2 / 2) / (n - 3))  # of the Fisher transform of r
    half_width = stats.norm.ppf((1 + LEVEL) / 2) * standard_error
    transformed = np.arctanh(r)
    low, high = np.tanh(transformed - half_width), np.tanh(transformed + half_width)
    return Estimate(r, float(low), float(high), n)


def exponent(flops: NDArray[np.float64], values: NDArray[np.float64]) -> Estimate:
    """Fit values = c flops^exponent: the slope of a least-squares line through the logarithms.

    Args:
        flops, values: n positive numbers each.

    Returns:
        The exponent; not defined for fewer than three networks, or equal flops.
    """
    n = len(flops)
    if n < 3 or flops.min() == flops.max():
        nan = float('nan')
        return Estimate(nan, nan, nan, n)
    line = stats.linregress(np.log(flops), np.log(values))
    half_width = stats.t.ppf((1 + LEVEL) / 2, n - 2) * line.stderr
    return Estimate(line.slope, line.slope - half_width, line.slope + half_width, n)


def paired_difference(differences: NDArray[np.float64]) -> Estimate:
    """Compute the mean of n differences with its t interval, which needs at least two of them."""
    n, mean = len(differences), float(differences.mean())
    if n < 2:
        return Estimate(mean, float('nan'), float('nan'), n)
    low, high = stats.t.interval(LEVEL, n - 1, mean, stats.sem(differences))
    return Estimate(mean, float(low), float(high), n)


def smallest_significant(first: int, second: int) -> float | None:
    """Find the smallest Kolmogorov-Smirnov D that is significant at the 5% level, exactly.

    Args:
        first, second: numbers of networks of two populations.

    Returns:
        D; None where no distance between so few networks is significant.
    """
    # Two populations whose errors are spread evenly over the same range. The second one is shifted,
    # so that their distance takes every value that is possible: multiples of 1 / steps.
    one, other = (np.arange(first) + 0.5) / first, (np.arange(second) + 0.5) / second
    steps = int(np.lcm(first, second))

    def test(step: int) -> Any:
        return stats.ks_2samp(one, other + (step - 0.5) / steps, method='exact')

    def is_significant(step: int) -> bool:
        return bool(test(step).pvalue <= SIGNIFICANCE)

    # Larger distances have smaller p values: the first significant one is found by bisection.
    step = 1 + bisect_left(range(1, steps + 1), True, key=is_significant)
    return float(test(step).statistic) if step <= steps else None
