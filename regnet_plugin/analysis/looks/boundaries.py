"""Boundaries for tests that are looked at again and again: Pocock's, for a number of looks.

Who tests at 5% after every ten trainings, and stops at the first p below it, finds a difference
where none is in far more than 5% of the cases. With so many looks planned, and one boundary for
all, the level over all looks together is exact (Pocock, Biometrika 1977; Jennison and Turnbull,
*Group Sequential Methods*, 2000).
"""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from regnet_plugin.analysis.inputs import check_share

# Points of Gauss and Legendre's rule in a unit of a step's deviation: with three, probabilities are
# right to nine digits.
_POINTS = 3
_FEWEST_POINTS = 24
_FARTHEST = 8.0  # standard deviations beyond which nothing is


def crossing_chances(bound: float, looks: int, drift: float = 0.0) -> NDArray[np.float64]:
    """Give the chances that a test statistic is beyond a boundary at some look up to each.

    The statistic of look k is a sum of k independent steps over its standard deviation, so that
    those of looks i < j have the correlation sqrt(i / j): as the mean of a sample that grows by as
    many at each look. The density of the sums that have not crossed is taken from look to look by
    numerical integration (Armitage, McPherson and Rowe 1969).

    Args:
        bound: of the statistic's absolute value, above 0.
        looks: how many there are, at least 1.
        drift: mean of a step, in standard deviations of a step. Default: 0, no difference.

    Returns:
        Array of shape (looks,); it never falls.
    """
    crossed: list[float] = []
    points, density = np.zeros(1), np.ones(1)  # of the sums, with the weights of the rule
    for look in range(1, looks + 1):
        # beyond this nothing of the sums is left, however wide the boundary
        centre, reach = look * drift, _FARTHEST * np.sqrt(look)
        low = max(-bound * np.sqrt(look), centre - reach)
        high = min(bound * np.sqrt(look), centre + reach)
        if low >= high:
            crossed += [1.0] * (looks - len(crossed))
            break
        nodes, weights = _rule(max(_FEWEST_POINTS, int(np.ceil(_POINTS * (high - low)))))
        new_points = (low + high) / 2 + (high - low) / 2 * nodes
        steps = np.exp(-((new_points[:, np.newaxis] - points - drift) ** 2) / 2)
        density = (steps @ density) * weights * (high - low) / 2 / np.sqrt(2 * np.pi)
        points = new_points
        crossed.append(1 - float(density.sum()))
    return np.clip(np.maximum.accumulate(crossed), 0, 1)


@cache
def _rule(points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of Gauss and Legendre's rule on -1 ... 1."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return nodes, weights


def pocock_bound(looks: int, level: float = 0.05) -> float:
    """Find the boundary of a test statistic that keeps a level over a number of looks together.

    Args:
        looks: that are planned, at least 1.
        level: chance to be beyond it at any of them where there is no difference, between 0 and 1.
            Default: 0.05.

    Raises:
        ValueError: if the number of looks or the level is out of range.
    """
    _check(looks, level=level)
    return _bound(looks, level)


@cache  # for the looks of a comparison it is the same
def _bound(looks: int, level: float) -> float:
    once = -float(ndtri(level / 2))
    if looks == 1:
        return once
    each = -float(ndtri(level / 2 / looks))  # Bonferroni's, which is too far
    return float(
        brentq(lambda bound: crossing_chances(bound, looks)[-1] - level, once, each, xtol=1e-9)
    )


def chance_over_looks(p_value: float, looks: int) -> float:
    """Give the p value of a look as one over all planned looks together.

    It is the chance that, where there is no difference, any of the looks has so small a p value.

    Args:
        p_value: two-sided, of one look; NaN stays NaN.
        looks: that are planned, at least 1.
    """
    _check(looks)
    if not 0 < p_value < 1:
        return p_value
    return _over_looks(p_value, looks)


@lru_cache(maxsize=10_000)  # looks are taken again each time that a comparison goes on
def _over_looks(p_value: float, looks: int) -> float:
    return float(crossing_chances(-float(ndtri(p_value / 2)), looks)[-1])


def _check(looks: int, **levels: float) -> None:
    if looks < 1:
        raise ValueError(f'there must be at least one look, but there are {looks}')
    check_share(**levels)
