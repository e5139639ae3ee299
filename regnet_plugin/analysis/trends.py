"""Trends of the best networks' parameters across flop regimes (figure 11)."""

from dataclasses import dataclass
from typing import Sequence, Tuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from regnet_plugin.analysis.bootstrap import Bootstrap, empirical_bootstrap
from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.notation import interval_text


@dataclass(frozen=True, eq=False)
class Trend:
    """Most likely best values of a parameter against flops.

    Attributes:
        flops (np.ndarray): k regimes, ascending.
        ranges (tuple[Bootstrap]): of each regime.
        slope (float): change of the median per doubling of flops, by least squares against
            log2(flops) over the regimes that have one; NaN for fewer than two.
        intercept (float): of that line, at log2(flops) = 0.
        low, high (float): confidence interval of the slope (t with k - 2 degrees of freedom); NaN
            for fewer than 3.
        level (float): of the interval and the ranges.
    """

    flops: np.ndarray
    ranges: Tuple[Bootstrap, ...]
    slope: float
    intercept: float
    low: float
    high: float
    level: float

    def line(self, flops):
        """Return the fitted median at flops, a number or an array."""
        return self.intercept + self.slope * np.log2(flops)

    def text(self, name):
        """Say in one sentence, without a full stop, whether the parameter of this name grows with
        flops.
        """
        regimes = sum(found.n > 0 for found in self.ranges)
        if np.isnan(self.low):
            return f'{name}: no trend can be told from {regimes} regimes'
        change = interval_text(self.slope, self.low, self.high, self.level)
        sure = self.low > 0 or self.high < 0
        verdict = (
            ('grows' if self.slope > 0 else 'falls') + ' with flops'
            if sure
            else 'shows no trend with flops'
        )
        return f'{name} {verdict}: {change} per doubling, {regimes} regimes'


def trend(
    flops: ArrayLike, values: Sequence[ArrayLike], errors: Sequence[ArrayLike], level: float = 0.95
) -> Trend:
    """Find the best networks' values of a parameter in each flop regime, and a line through their
    medians.

    Args:
        flops (array_like): k positive numbers, one per regime.
        values, errors (Sequence[array_like]): k arrays, of the networks of each regime; see
            `empirical_bootstrap`.
        level (float): between 0 and 1. Default: 0.95.

    Returns:
        Trend

    Raises:
        ValueError: if their numbers differ, flops are not positive, or `empirical_bootstrap`
            refuses a regime.
    """
    check_share(level=level)
    flops = np.asarray(flops, dtype=float)
    if not len(flops) == len(values) == len(errors):
        raise ValueError(
            'flops, values and errors must be of equally many regimes, but they are of '
            f'{len(flops)}, '
            f'{len(values)} and {len(errors)}'
        )
    if not ((flops > 0) & (flops < np.inf)).all():
        raise ValueError(f'flops must be positive and finite, but they are {flops}')
    order = np.argsort(flops, kind='stable')
    ranges = tuple(empirical_bootstrap(values[index], errors[index], level) for index in order)
    medians = np.array([found.median for found in ranges])
    return Trend(flops[order], ranges, *_line(np.log2(flops[order]), medians, level), level)


def _line(x, y, level):
    """Slope, intercept, and the slope's confidence interval."""
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    n = len(x)
    if n < 2 or x.min() == x.max():
        return (float('nan'),) * 4
    centred = x - x.mean()
    slope = centred @ (y - y.mean()) / (centred @ centred)
    intercept = y.mean() - slope * x.mean()
    if n < 3:
        return float(slope), float(intercept), float('nan'), float('nan')
    residuals = y - intercept - slope * x
    half_width = stdtrit(n - 2, (1 + level) / 2) * np.sqrt(
        residuals @ residuals / (n - 2) / (centred @ centred)
    )
    return float(slope), float(intercept), float(slope - half_width), float(slope + half_width)
