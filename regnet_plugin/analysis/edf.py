"""The empirical distribution function of a population's errors (equation 1)."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length, error_array


@dataclass(frozen=True, eq=False)
class Band:
    """Where the EDF of the whole space lies, with a given confidence for all errors at once.

    Attributes:
        level (float): confidence.
        half_width (float): of the band, before it is cut to 0 ... 1; inf for no networks.
        edf (EDF): its middle.
    """

    level: float
    half_width: float
    edf: 'EDF'

    def __call__(self, e):
        """Return the lower and the upper bound of F(e), shaped as e."""
        return self._around(self.edf(e))

    def steps(self):
        """Return the exact steps: x as `EDF.steps` does, and both bounds right of each x; before,
        as for F = 0.
        """
        x, f = self.edf.steps()
        return (x, *self._around(f))

    def _around(self, f):
        return np.maximum(f - self.half_width, 0.0), np.minimum(f + self.half_width, 1.0)


@dataclass(frozen=True, eq=False)
class EDF:
    """F(e), the share of networks with an error strictly below e (equation 1): a left-continuous
    step function.

    Without networks F is 0 everywhere, minimum and mean are NaN.

    Attributes:
        errors (np.ndarray): n numbers, ascending; +inf for failed networks that count, F then never
            reaches 1.
        weights (np.ndarray): n shares, their sum is 1; 1 / n each unless the EDF is weighted.
        below (np.ndarray): n + 1 shares: of no network, of the best, of the two best, …
    """

    errors: np.ndarray
    weights: np.ndarray
    below: np.ndarray

    def __call__(self, e):
        """Return F(e) for a number or an array of any shape; NaN where e is NaN."""
        e = np.asarray(e, dtype=float)
        f = np.where(np.isnan(e), np.nan, self.below[self.errors.searchsorted(e)])
        return f if e.ndim else float(f)

    @property
    def n(self):
        """Networks, without those of weight 0."""
        return len(self.errors)

    @property
    def minimum(self):
        return float(self.errors[0]) if self.n else float('nan')

    @property
    def mean(self):
        """Weighted mean error, which is the area above the curve; inf where a failed network
        counts.
        """
        return float(self.errors @ self.weights) if self.n else float('nan')

    @property
    def weighted(self):
        """Whether the weights differ."""
        return self.n > 0 and bool(self.weights.min() < self.weights.max())

    @property
    def effective_n(self):
        """Kish's effective sample size, (sum of weights)^2 / sum of squared weights: n if the
        weights are equal.
        """
        return 1 / float(self.weights @ self.weights) if self.weighted else float(self.n)

    def steps(self):
        """Return what draws the exact function.

        Returns:
            tuple[np.ndarray]: the different finite errors x, ascending, and F right of each, up to
            and including the next; F is 0 up to and including the first x.
        """
        finite = self.errors[np.isfinite(self.errors)]
        last = np.append(finite[1:] != finite[:-1], True)[: len(finite)]
        return finite[last], self.below[1 : len(finite) + 1][last]

    def mean_area(self, e_max):
        """Return the integral of F(e) / e_max from 0 to e_max (2019 paper): 1 - sum of w_i min(1,
        e_i / e_max).

        Raises:
            ValueError: if e_max is not a positive number.
        """
        if not 0 < e_max < np.inf:
            raise ValueError(f'e_max must be positive and finite, but it is {e_max}')
        return float(1 - np.clip(self.errors / e_max, 0, 1) @ self.weights) if self.n else 0.0

    def band(self, level=0.95):
        """Return the confidence band of Dvoretzky, Kiefer and Wolfowitz with Massart's constant.

        It is simultaneous, since curves are compared as a whole: with the probability ``level`` at
        least the EDF of the space lies in it everywhere, at any n and whatever the errors'
        distribution. A pointwise band is narrower and is left somewhere more often than its level
        says. If the weights differ, n is Kish's effective sample size and the level is approximate.

        Args:
            level (float): confidence, between 0 and 1. Default: 0.95.

        Returns:
            Band: F - h ... F + h with h = sqrt(ln(2 / (1 - level)) / 2n), cut to 0 ... 1; all of it
                for n = 0.
        """
        check_share(level=level)
        half_width = (
            float(np.sqrt(np.log(2 / (1 - level)) / (2 * self.effective_n)))
            if self.n
            else float('inf')
        )
        return Band(level, half_width, self)


def edf(errors: ArrayLike, weights: Optional[ArrayLike] = None) -> EDF:
    """Make the EDF of errors (equation 1; weighted: section "complexity-normalised" of the 2019
    paper).

    Args:
        errors (array_like): n numbers, in any order; +inf for a failed network that counts. None at
            all is allowed.
        weights (array_like, optional): n numbers >= 0, normalised here; networks of weight 0 are no
            part of the EDF.

    Returns:
        EDF

    Raises:
        ValueError: if errors are NaN or -inf, or weights are negative, not finite, all 0 or not as
            many as errors.
    """
    errors = error_array(errors)
    if weights is None:
        return _ascending(np.sort(errors), np.ones(len(errors)))
    errors, weights = columns_of_equal_length(errors=errors, weights=weights)
    allowed = np.isfinite(weights) & (weights >= 0)
    if not allowed.all():
        index = int(np.argmin(allowed))
        raise ValueError(
            f'weights must be finite and not negative, but weights[{index}] is {weights[index]}'
        )
    if len(weights) and not weights.any():
        raise ValueError(f'a weight must be above 0, but all {len(weights)} are 0')
    order = np.argsort(errors, kind='stable')
    order = order[weights[order] > 0]
    return _ascending(errors[order], weights[order])


def _ascending(errors, weights):
    """Sums of weights that are all 1 are exact, and so is F = k / n."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    total = sums[-1] or 1.0
    return EDF(errors, weights / total, sums / total)
