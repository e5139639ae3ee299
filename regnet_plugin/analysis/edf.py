"""The empirical distribution function of a population's errors (equation 1)."""

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length, error_array


@dataclass(frozen=True, eq=False)
class Band:
    """Where the EDF of the whole space lies, with a given confidence for all errors at once.

    Attributes:
        level: confidence, between 0 and 1.
        half_width: of the band, before it is cut to 0 ... 1; inf for no networks.
        edf: the EDF in its middle.
    """

    level: float
    half_width: float
    edf: 'EDF'

    def __call__(self, e: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lower and the upper bound of F(e), each with the shape of e."""
        return self._around(self.edf(e))

    def steps(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return what draws the exact band.

        Returns:
            The k errors x of `EDF.steps`, and the lower and the upper bound of F right of each of
            them. Left of the first x the bounds are those around F = 0.
        """
        x, f = self.edf.steps()
        low, high = self._around(f)
        return x, low, high

    def _around(
        self, f: float | NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The bounds around values of F, lower and upper."""
        return np.maximum(f - self.half_width, 0.0), np.minimum(f + self.half_width, 1.0)


@dataclass(frozen=True, eq=False)
class EDF:
    """F(e), the share of networks with an error strictly below e (equation 1).

    It is a left-continuous step function. Without networks F is 0 everywhere, and minimum and mean
    are NaN.

    Attributes:
        errors: n numbers, ascending; +inf for failed networks that count, F then never reaches 1.
        weights: n shares, their sum is 1; 1 / n each unless the EDF is weighted.
        below: n + 1 shares: of no network, of the best, of the two best, …
    """

    errors: NDArray[np.float64]
    weights: NDArray[np.float64]
    below: NDArray[np.float64]

    @overload
    def __call__(self, e: float) -> float: ...

    @overload
    def __call__(self, e: ArrayLike) -> float | NDArray[np.float64]: ...

    def __call__(self, e: ArrayLike) -> float | NDArray[np.float64]:
        """Return F(e): a float for a number, else an array shaped as e; NaN where e is NaN."""
        e = np.asarray(e, dtype=np.float64)
        f = np.where(np.isnan(e), np.nan, self.below[self.errors.searchsorted(e)])
        return f if e.ndim else float(f)

    @property
    def n(self) -> int:
        """Number of networks, without those of weight 0."""
        return len(self.errors)

    @property
    def minimum(self) -> float:
        """Least error; NaN without networks."""
        return float(self.errors[0]) if self.n else float('nan')

    @property
    def mean(self) -> float:
        """Weighted mean error, the area above the curve; inf where a failed network counts."""
        return float(self.errors @ self.weights) if self.n else float('nan')

    @property
    def weighted(self) -> bool:
        """Whether the weights differ."""
        return self.n > 0 and bool(self.weights.min() < self.weights.max())

    @property
    def effective_n(self) -> float:
        """Kish's effective sample size, (sum of weights)^2 / sum of squared weights.

        It is n if the weights are equal.
        """
        return 1 / float(self.weights @ self.weights) if self.weighted else float(self.n)

    def steps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what draws the exact function.

        Returns:
            The k different finite errors x, ascending, and F right of each of them, up to and
            including the next. F is 0 up to and including the first x.
        """
        finite = self.errors[np.isfinite(self.errors)]
        # of networks with equal errors the last one has F right of all of them
        is_last = np.append(finite[1:] != finite[:-1], True)[: len(finite)]
        right_of_each = self.below[1 : len(finite) + 1]
        return finite[is_last], right_of_each[is_last]

    def mean_area(self, e_max: float) -> float:
        """Return the mean of F from 0 to e_max, its integral divided by e_max (2019 paper).

        It is 1 - sum of w_i min(1, e_i / e_max), and 0 without networks.

        Args:
            e_max: error in percent up to which the area counts.

        Raises:
            ValueError: if e_max is not a positive number.
        """
        if not 0 < e_max < np.inf:
            raise ValueError(f'e_max must be positive and finite, but it is {e_max}')
        if not self.n:
            return 0.0
        return float(1 - np.clip(self.errors / e_max, 0, 1) @ self.weights)

    def band(self, level: float = 0.95) -> Band:
        """Return the confidence band of Dvoretzky, Kiefer and Wolfowitz with Massart's constant.

        It is simultaneous, since curves are compared as a whole: with the probability ``level`` at
        least the EDF of the space lies in it everywhere, at any n and whatever the errors'
        distribution. A pointwise band is narrower and is left somewhere more often than its level
        says. If the weights differ, n is Kish's effective sample size and the level is approximate.

        Args:
            level: confidence, between 0 and 1. Default: 0.95.

        Returns:
            The band F - h ... F + h with h = sqrt(ln(2 / (1 - level)) / 2n), cut to 0 ... 1; all of
            0 ... 1 for n = 0.

        Raises:
            ValueError: if the level is out of range.
        """
        check_share(level=level)
        if not self.n:
            return Band(level, float('inf'), self)
        half_width = np.sqrt(np.log(2 / (1 - level)) / (2 * self.effective_n))
        return Band(level, float(half_width), self)


def edf(errors: ArrayLike, weights: ArrayLike | None = None) -> EDF:
    """Make the EDF of errors (equation 1).

    With weights it is that of section "complexity-normalised" of the 2019 paper.

    Args:
        errors: n numbers, in any order; +inf for a failed network that counts. n may be 0.
        weights: n numbers >= 0, normalised here; networks of weight 0 are no part of the EDF.
            Default: all equal.

    Raises:
        ValueError: if errors are NaN or -inf, or weights are negative, not finite, all 0 or not as
            many as errors.
    """
    errors = error_array(errors)
    if weights is None:
        return _from_ascending(np.sort(errors), np.ones(len(errors)))
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
    return _from_ascending(errors[order], weights[order])


def _from_ascending(errors: NDArray[np.float64], weights: NDArray[np.float64]) -> EDF:
    """Make the EDF of ascending errors with weights of any sum."""
    # sums of weights that are all 1 are exact, and so is then F = k / n
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    total = sums[-1] if len(weights) else 1.0
    return EDF(errors, weights / total, sums / total)
