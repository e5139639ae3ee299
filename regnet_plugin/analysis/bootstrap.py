"""The empirical bootstrap (footnote 4): which values of a parameter the best networks have, in
closed form.

The paper draws a quarter of the pairs (value, error) with replacement, keeps the value of the pair
with the least error, and does so 10^4 times. Here the probability of each network to be kept is
computed, and nothing is drawn.
"""

from dataclasses import dataclass
from typing import Dict, Mapping

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length, error_array

_ROUNDING = 1e-12  # a sum of probabilities that reaches a level exactly must not miss it


@dataclass(frozen=True)
class Bootstrap:
    """Range of a value that likely holds the best networks, and the most likely best value.

    Attributes:
        low, median, high (float): NaN without networks; each is a value of some network.
        level (float): probability of the range.
        n (int): networks whose value is known.
        left_out (int): networks whose value is not.
        draws (int): networks per draw.
        networks (int): the best ones that hold ``level`` of the probability: the range is a
            statement about so many, 12 at n = 500 and above.
    """

    low: float
    median: float
    high: float
    level: float
    n: int
    left_out: int
    draws: int
    networks: int


def win_probabilities(errors: ArrayLike, draws: int) -> np.ndarray:
    """Compute how likely each network is the best of some that are drawn with replacement.

    The best of m has at least rank r if all have: P(rank r) = ((n - r + 1) / n)^m - ((n - r) /
    n)^m. Networks with equal errors share the sum of their ranks' equally.

    Args:
        errors (array_like): n numbers; +inf for failed networks that count.
        draws (int): m >= 1.

    Returns:
        np.ndarray: n probabilities in the order given, their sum is 1.

    Raises:
        ValueError: if errors are NaN or -inf, or draws is below 1.
    """
    if draws < 1:
        raise ValueError(f'draws must be at least 1, but it is {draws}')
    errors = error_array(errors)
    _, level, counts = np.unique(errors, return_inverse=True, return_counts=True)
    worse = np.concatenate([[len(errors)], len(errors) - np.cumsum(counts)])
    shares = -np.diff((worse / max(1, len(errors))) ** draws) / counts
    return shares[level]


def empirical_bootstrap(
    values: ArrayLike, errors: ArrayLike, level: float = 0.95, fraction: float = 0.25
) -> Bootstrap:
    """Find the range of a value that holds the best networks (footnote 4).

    The bounds are quantiles of the values weighted by `win_probabilities`: the smallest value whose
    cumulative probability reaches (1 - level) / 2, 1/2 and (1 + level) / 2. The noise of training
    is no part of it.

    Args:
        values (array_like): n numbers; networks whose value is NaN are left out.
        errors (array_like): n numbers; +inf for failed networks that count.
        level (float): between 0 and 1. Default: 0.95.
        fraction (float): of the networks that are drawn, at least one; above 0 and at most 1.
            Default: 0.25.

    Returns:
        Bootstrap

    Raises:
        ValueError: if errors are NaN or -inf, lengths differ, or a number is out of range.
    """
    return empirical_bootstraps(dict(values=values), errors, level, fraction)['values']


def empirical_bootstraps(
    columns: Mapping[str, ArrayLike], errors: ArrayLike, level: float = 0.95, fraction: float = 0.25
) -> Dict[str, Bootstrap]:
    """`empirical_bootstrap` of many values of the same networks, which are ranked once.

    Args:
        columns (Mapping[str, array_like]): n numbers each.
        errors, level, fraction: see there.

    Returns:
        dict[str, Bootstrap]
    """
    check_share(level=level)
    if not 0 < fraction <= 1:
        raise ValueError(f'fraction must be above 0 and at most 1, but it is {fraction}')
    errors = error_array(errors)
    of_all = _chances(errors, level, fraction)
    found = {}
    for name, column in columns.items():
        values, _ = columns_of_equal_length(**{name: column, 'errors': errors})
        known = ~np.isnan(values)
        chances = of_all if known.all() else _chances(errors[known], level, fraction)
        found[name] = _bootstrap(values[known], level, len(values), chances)
    return found


@dataclass(frozen=True, eq=False)
class _Chances:
    """How likely each network wins; of how many draws; how many networks hold the level."""

    probabilities: np.ndarray
    draws: int
    networks: int


def _chances(errors, level, fraction):
    n = len(errors)
    if n == 0:
        return _Chances(errors, 0, 0)
    draws = max(1, int(n * fraction + 1e-9))  # 0.29 * 100 is 28.999999999999996
    probabilities = win_probabilities(errors, draws)
    best_first = np.cumsum(-np.sort(-probabilities))
    return _Chances(probabilities, draws, _reaches(best_first, level) + 1)


def _bootstrap(values, level, total, chances):
    n = len(values)
    if n == 0:
        return Bootstrap(float('nan'), float('nan'), float('nan'), level, 0, total, 0, 0)
    order = np.argsort(values)
    cumulative = np.cumsum(chances.probabilities[order])
    low, median, high = (
        float(values[order[_reaches(cumulative, share)]])
        for share in ((1 - level) / 2, 0.5, (1 + level) / 2)
    )
    return Bootstrap(low, median, high, level, n, total - n, chances.draws, chances.networks)


def _reaches(cumulative, share):
    """Index of the first sum that reaches a share; the last where rounding keeps all below."""
    return min(int(cumulative.searchsorted(share - _ROUNDING)), len(cumulative) - 1)
