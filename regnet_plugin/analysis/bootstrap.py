"""The empirical bootstrap (footnote 4): which values of a parameter the best networks have.

The paper draws a quarter of the pairs (value, error) with replacement, keeps the value of the pair
with the least error, and does so 10^4 times. Here the probability of each network to be kept is
computed in closed form, and nothing is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length, error_array

# A sum of probabilities that reaches a level exactly must not miss it by rounding.
_ROUNDING_OF_SUMS = 1e-12
# 0.29 * 100 is 28.999999999999996 and means 29 draws.
_ROUNDING_OF_DRAWS = 1e-9


@dataclass(frozen=True)
class Bootstrap:
    """Range of a value that likely holds the best networks, and the most likely best value.

    Attributes:
        low, median, high: NaN without networks; each is a value of some network.
        level: probability of the range, between 0 and 1.
        n: networks whose value is known.
        left_out: networks whose value is not known.
        draws: networks per draw.
        networks: number of the best networks that hold ``level`` of the probability: the range is
            a statement about so many, 12 at n = 500 and above.
    """

    low: float
    median: float
    high: float
    level: float
    n: int
    left_out: int
    draws: int
    networks: int


def win_probabilities(errors: ArrayLike, draws: int) -> NDArray[np.float64]:
    """Compute how likely each network is the best of some that are drawn with replacement.

    The best of m has at least rank r if all have: P(rank r) = ((n - r + 1) / n)^m - ((n - r) /
    n)^m. Networks with equal errors share the sum of their ranks' equally.

    Args:
        errors: n numbers; +inf for failed networks that count.
        draws: number m of networks that are drawn, at least 1.

    Returns:
        n probabilities in the order given, their sum is 1.

    Raises:
        ValueError: if errors are NaN or -inf, or draws is below 1.
    """
    if draws < 1:
        raise ValueError(f'draws must be at least 1, but it is {draws}')
    errors = error_array(errors)
    n = len(errors)
    # a rank per different error, the best first
    _, rank, counts = np.unique(errors, return_inverse=True, return_counts=True)
    worse = np.concatenate([[n], n - np.cumsum(counts)])  # networks beyond each rank, first all
    all_beyond = (worse / max(1, n)) ** draws  # probability that all that are drawn are
    shares = -np.diff(all_beyond) / counts
    return shares[rank]


def empirical_bootstrap(
    values: ArrayLike, errors: ArrayLike, level: float = 0.95, fraction: float = 0.25
) -> Bootstrap:
    """Find the range of a value that holds the best networks (footnote 4).

    The bounds are quantiles of the values weighted by `win_probabilities`: the smallest value whose
    cumulative probability reaches (1 - level) / 2, 1/2 and (1 + level) / 2. The noise of training
    is no part of it.

    Args:
        values: n numbers; networks whose value is NaN are left out.
        errors: n numbers; +inf for failed networks that count.
        level: probability of the range, between 0 and 1. Default: 0.95.
        fraction: of the networks that are drawn, at least one; above 0 and at most 1.
            Default: 0.25.

    Raises:
        ValueError: if errors are NaN or -inf, lengths differ, or a number is out of range.
    """
    return empirical_bootstraps({'values': values}, errors, level, fraction)['values']


def empirical_bootstraps(
    columns: Mapping[str, ArrayLike], errors: ArrayLike, level: float = 0.95, fraction: float = 0.25
) -> dict[str, Bootstrap]:
    """Find the range of several values of the same networks, which are ranked only once.

    Args:
        columns: n numbers each, by name; see `empirical_bootstrap`.
        errors, level, fraction: see `empirical_bootstrap`.

    Returns:
        The `empirical_bootstrap` of each column, by its name.

    Raises:
        ValueError: as `empirical_bootstrap` does.
    """
    check_share(level=level)
    if not 0 < fraction <= 1:
        raise ValueError(f'fraction must be above 0 and at most 1, but it is {fraction}')
    errors = error_array(errors)
    chances_of_all = _chances(errors, level, fraction)
    found = {}
    for name, column in columns.items():
        values, _ = columns_of_equal_length(**{name: column, 'errors': errors})
        known = ~np.isnan(values)
        # only where values are unknown are there fewer networks to rank
        chances = chances_of_all if known.all() else _chances(errors[known], level, fraction)
        found[name] = _bootstrap(values[known], level, len(values), chances)
    return found


@dataclass(frozen=True, eq=False)
class _Chances:
    """How likely each network is kept by a draw.

    Attributes:
        probabilities: n numbers, in the order of the networks.
        draws: networks per draw.
        networks: number of the best networks that hold the level.
    """

    probabilities: NDArray[np.float64]
    draws: int
    networks: int


def _chances(errors: NDArray[np.float64], level: float, fraction: float) -> _Chances:
    """How likely each network of these errors is the best of a draw."""
    n = len(errors)
    if n == 0:
        return _Chances(errors, 0, 0)
    draws = max(1, int(n * fraction + _ROUNDING_OF_DRAWS))
    probabilities = win_probabilities(errors, draws)
    most_likely_first = -np.sort(-probabilities)
    networks = _first_that_reaches(np.cumsum(most_likely_first), level) + 1
    return _Chances(probabilities, draws, networks)


def _bootstrap(
    values: NDArray[np.float64], level: float, total: int, chances: _Chances
) -> Bootstrap:
    """Make the result from the known values, of ``total`` networks in all, and their chances."""
    n = len(values)
    if n == 0:
        nan = float('nan')
        return Bootstrap(nan, nan, nan, level, n=0, left_out=total, draws=0, networks=0)
    order = np.argsort(values)
    cumulative = np.cumsum(chances.probabilities[order])

    def quantile(share: float) -> float:
        return float(values[order[_first_that_reaches(cumulative, share)]])

    return Bootstrap(
        low=quantile((1 - level) / 2),
        median=quantile(0.5),
        high=quantile((1 + level) / 2),
        level=level,
        n=n,
        left_out=total - n,
        draws=chances.draws,
        networks=chances.networks,
    )


def _first_that_reaches(cumulative: NDArray[np.float64], share: float) -> int:
    """Index of the first sum that reaches a share; the last where rounding keeps all below."""
    index = int(cumulative.searchsorted(share - _ROUNDING_OF_SUMS))
    return min(index, len(cumulative) - 1)
