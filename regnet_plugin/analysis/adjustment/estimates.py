"""Estimates that are sums of means of independent samples, and intervals that know their skewness.

Some networks fail to learn, and their errors lie far above the others'. A t interval of a mean is
symmetric, and then leaves the true mean out above too often.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit


@dataclass(frozen=True)
class Uncertainty:
    """How an estimate strays from what it is of.

    Attributes:
        variance: of the estimate; NaN where it is not known, as by fewer than two values.
        variance_of_variance: half of that of ``variance``, if the values are normal: what Welch
            and Satterthwaite take the degrees of freedom from.
        third: third cumulant of the estimate.
        together: covariance of the estimate and ``variance``.
    """

    variance: float
    variance_of_variance: float
    third: float
    together: float

    @classmethod
    def of_mean(
        cls, values: NDArray[np.float64], sampled: float = 0.0, fitted: int = 0
    ) -> 'Uncertainty':
        """Estimate it for the mean of some values.

        Args:
            values: n numbers drawn at random; nothing is known where one of them is infinite.
            sampled: share that they are of all numbers whose mean is asked for, from 0, where
                these are without end, to 1.
            fitted: constants, beside the mean, that were chosen so that the values vary little:
                as many degrees of freedom are lost.
        """
        n, left = len(values), 1 - sampled
        freedom = n - 1 - fitted
        if freedom < 1 or not np.isfinite(values).all():
            return cls(*[float('nan')] * 4)
        deviations = values - values.mean()
        variance = float((deviations**2).sum()) / freedom * left / n
        third = float((deviations**3).sum()) * n / ((n - 1) * max(1, n - 2))  # the unbiased one
        return cls(
            variance=variance,
            variance_of_variance=variance**2 / freedom,
            third=third * left * (left - sampled) / n**2,
            together=third * left**2 / n**2,
        )

    def __add__(self, other: 'Uncertainty') -> 'Uncertainty':
        """That of the sum of two independent estimates."""
        return Uncertainty(
            self.variance + other.variance,
            self.variance_of_variance + other.variance_of_variance,
            self.third + other.third,
            self.together + other.together,
        )

    def __neg__(self) -> 'Uncertainty':
        """That of an estimate with the other sign."""
        return Uncertainty(self.variance, self.variance_of_variance, -self.third, -self.together)

    def widened(self, by: float) -> 'Uncertainty':
        """That of an estimate that strays so many times as far."""
        return Uncertainty(
            self.variance * by**2,
            self.variance_of_variance * by**4,
            self.third * by**3,
            self.together * by**3,
        )

    def interval(self, value: float, level: float) -> tuple[float, float]:
        """Give the ends of the confidence interval of an estimate.

        t = (estimate - truth) / standard error is not symmetric: to the order of 1 / sqrt(n) its
        mean is -b / 2 and its third cumulant a - 3 b, with a = third / variance^1.5 and b =
        together / variance^1.5 (of the mean of one sample without end a = b, skewness / sqrt(n)).
        t + q t^2 + q^2 t^3 / 3 + c, with q = -(a - 3 b) / 6 and c = b / 2 - q, has none of both
        (Johnson 1978), and the cubic term makes it grow with t everywhere (Hall 1992). It is taken
        to have Student's distribution with Welch's degrees of freedom.

        Args:
            value: of the estimate.
            level: confidence, between 0 and 1.

        Returns:
            Lower and upper end; the value twice where nothing varies, NaN where the variance is.
        """
        if not self.variance > 0:
            return value - self.variance, value + self.variance
        a, b = self.third / self.variance**1.5, self.together / self.variance**1.5
        square = (3 * b - a) / 6
        constant = b / 2 - square
        freedom = self.variance**2 / self.variance_of_variance
        error = self.variance**0.5
        quantile = float(stdtrit(freedom, (1 + level) / 2))
        low, high = (_untransformed(x - constant, square) for x in (quantile, -quantile))
        return value - low * error, value - high * error


def _untransformed(x: float, square: float) -> float:
    """The t of which ((1 + square t)^3 - 1) / (3 square) is x; x itself for 0."""
    root = float(np.cbrt(1 + 3 * square * x))
    # (root - 1) / square, without its loss of digits near 0
    return 3 * x / (root**2 + root + 1)


@dataclass(frozen=True)
class Estimate:
    """A mean error, or a difference of two.

    Attributes:
        value: in percent or points; NaN where there is none.
        low, high: its confidence interval; NaN where there is none.
        uncertainty: that the interval is of.
    """

    value: float
    low: float
    high: float
    uncertainty: Uncertainty

    @classmethod
    def of(cls, value: float, uncertainty: Uncertainty, level: float) -> 'Estimate':
        """Make it with the interval of a level."""
        return cls(value, *uncertainty.interval(value, level), uncertainty)
