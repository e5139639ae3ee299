"""Trends of the best networks' parameters across flop regimes (figure 11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from regnet_plugin.analysis.bootstrap import Bootstrap, empirical_bootstrap
from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.notation import interval_text


@dataclass(frozen=True, eq=False)
class Trend:
    """Most likely best values of a parameter against flops.

    Attributes:
        flops: k regimes, ascending.
        ranges: empirical bootstrap of each regime, k in all.
        slope: change of the median per doubling of flops, by least squares against log2(flops) over
            the regimes that have one; NaN for fewer than two.
        intercept: of that line, at log2(flops) = 0.
        low, high: confidence interval of the slope (t with k - 2 degrees of freedom); NaN for fewer
            than 3 regimes.
        level: of the interval and the ranges, between 0 and 1.
    """

    flops: NDArray[np.float64]
    ranges: tuple[Bootstrap, ...]
    slope: float
    intercept: float
    low: float
    high: float
    level: float

    @overload
    def line(self, flops: float) -> float: ...

    @overload
    def line(self, flops: ArrayLike) -> float | NDArray[np.float64]: ...

    def line(self, flops: ArrayLike) -> float | NDArray[np.float64]:
        """Return the fitted median at flops, with their shape: a number or an array."""
        fitted: float | NDArray[np.float64] = self.intercept + self.slope * np.log2(flops)
        return fitted

    def text(self, name: str, cost: str = 'flops') -> str:
        """Say whether the parameter of this name grows with flops: a sentence without full stop.

        Args:
            name: of the parameter.
            cost: what is on the axis of flops, in words. Default: 'flops'.
        """
        regimes = sum(found.n > 0 for found in self.ranges)
        if np.isnan(self.low):
            return f'{name}: no trend can be told from {regimes} regimes'
        if self.low > 0:
            verdict = f'grows with {cost}'
        elif self.high < 0:
            verdict = f'falls with {cost}'
        else:
            verdict = f'shows no trend with {cost}'
        change = interval_text(self.slope, self.low, self.high, self.level)
        return f'{name} {verdict}: {change} per doubling, {regimes} regimes'


def trend(
    flops: ArrayLike, values: Sequence[ArrayLike], errors: Sequence[ArrayLike], level: float = 0.95
) -> Trend:
    """Find the best networks' values of a parameter in each flop regime, and a line through them.

    The line goes through the medians of the regimes' empirical bootstraps.

    Args:
        flops: k positive numbers, one per regime.
        values, errors: k arrays each, of the networks of each regime; see `empirical_bootstrap`.
        level: between 0 and 1. Default: 0.95.

    Raises:
        ValueError: if their numbers differ, flops are not positive, or `empirical_bootstrap`
            refuses a regime.
    """
    check_share(level=level)
    flops = np.asarray(flops, dtype=np.float64)
    if not len(flops) == len(values) == len(errors):
        raise ValueError(
            'flops, values and errors must be of equally many regimes, but they are of '
            f'{len(flops)}, {len(values)} and {len(errors)}'
        )
    if not ((flops > 0) & (flops < np.inf)).all():
        raise ValueError(f'flops must be positive and finite, but they are {flops}')
    order = np.argsort(flops, kind='stable')
    ranges = tuple(empirical_bootstrap(values[index], errors[index], level) for index in order)
    medians = np.array([found.median for found in ranges])
    line = _fitted_line(np.log2(flops[order]), medians, level)
    return Trend(
        flops=flops[order],
        ranges=ranges,
        slope=line.slope,
        intercept=line.intercept,
        low=line.slope - line.half_width,
        high=line.slope + line.half_width,
        level=level,
    )


@dataclass(frozen=True)
class _Line:
    """A line, and the half width of its slope's confidence interval; NaN where not defined."""

    slope: float = float('nan')
    intercept: float = float('nan')
    half_width: float = float('nan')


def _fitted_line(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> _Line:
    """Fit a line by least squares through the points whose y is known.

    Args:
        x: k numbers.
        y: k numbers, NaN where unknown.
        level: confidence of the slope's interval.
    """
    known = np.isfinite(y)
    x, y = x[known], y[known]
    n = len(x)
    if n < 2 or x.min() == x.max():
        return _Line()
    centred = x - x.mean()
    sum_of_squares = centred @ centred
    slope = centred @ (y - y.mean()) / sum_of_squares
    intercept = y.mean() - slope * x.mean()
    if n < 3:
        return _Line(float(slope), float(intercept))
    residuals = y - intercept - slope * x
    standard_error = np.sqrt(residuals @ residuals / (n - 2) / sum_of_squares)
    half_width = stdtrit(n - 2, (1 + level) / 2) * standard_error
    return _Line(float(slope), float(intercept), float(half_width))
