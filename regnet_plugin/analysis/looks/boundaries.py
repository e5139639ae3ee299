"""Boundaries for tests that are looked at again and again, for a number of looks that is planned.

Who tests at 5% after every ten trainings, and stops at the first p below it, finds a difference
where none is in far more than 5% of the cases. With so many looks planned, and a boundary that is
far enough at each, the level over all looks together is exact. Boundaries of the family of Wang and
Tsiatis (Biometrics 1987) are c (k / looks)^(shape - 1/2) at look k: with the shape 0 they are those
of O'Brien and Fleming, which hardly let anything end early, with 1/2 Pocock's, the same at all
looks, and above it they are nearest at the first look (Jennison and Turnbull, *Group Sequential
Methods*, 2000, chapter 2).
"""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from regnet_plugin.analysis.inputs import check_share

# A comparison is to end early, and how large a difference is nobody knows before. So the shape is
# the one that takes the fewest trainings, as a multiple of those that one test takes that knows the
# difference (80% power), in the mean over differences for which these are one round of trainings to
# all of them, each size as likely (by logarithms). The least is at 0.65 for 5 looks, at 0.6 for 10
# and 20; 0.6 is within 1% of it for all of them.
SHAPE = 0.6
# Points of Gauss and Legendre's rule in a unit of a step's deviation: with three, probabilities are
# right to nine digits.
_POINTS = 3
_FEWEST_POINTS = 24
_FARTHEST = 8.0  # standard deviations beyond which nothing is


def crossing_chances(bounds: ArrayLike, drift: float = 0.0) -> NDArray[np.float64]:
    """Give the chances that a test statistic is beyond its boundary at some look up to each.

    The statistic of look k is a sum of k independent steps over its standard deviation, so that
    those of looks i < j have the correlation sqrt(i / j): as the mean of a sample that grows by as
    many at each look. The density of the sums that have not crossed is taken from look to look by
    numerical integration (Armitage, McPherson and Rowe 1969).

    Args:
        bounds: of the statistic's absolute value at each look, above 0.
        drift: mean of a step, in standard deviations of a step. Default: 0, no difference.

    Returns:
        Array of shape (looks,); it never falls.
    """
    bounds = np.asarray(bounds, dtype=np.float64)
    crossed: list[float] = []
    points, density = np.zeros(1), np.ones(1)  # of the sums, with the weights of the rule
    for look, bound in enumerate(bounds.tolist(), 1):
        # beyond this nothing of the sums is left, however wide the boundary
        centre, reach = look * drift, _FARTHEST * np.sqrt(look)
        low = max(-bound * np.sqrt(look), centre - reach)
        high = min(bound * np.sqrt(look), centre + reach)
        if low >= high:
            crossed += [1.0] * (len(bounds) - len(crossed))
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


def look_bounds(looks: int, level: float = 0.05, shape: float = SHAPE) -> NDArray[np.float64]:
    """Find boundaries of a test statistic that keep a level over a number of looks together.

    Args:
        looks: that are planned, at least 1.
        level: chance to be beyond the boundary at any of them where there is no difference, between
            0 and 1. Default: 0.05.
        shape: of the family of Wang and Tsiatis. Default: `SHAPE`, 0.6.

    Returns:
        Array of shape (looks,).

    Raises:
        ValueError: if the number of looks or the level is out of range.
    """
    _check(looks, level=level)
    return _last_bound(looks, level, shape) * _relative(looks, shape)


def _relative(looks: int, shape: float) -> NDArray[np.float64]:
    """Boundaries over the last one."""
    relative: NDArray[np.float64] = (np.arange(1, looks + 1) / looks) ** (shape - 0.5)
    return relative


@cache  # for the looks of a comparison it is the same
def _last_bound(looks: int, level: float, shape: float) -> float:
    relative = _relative(looks, shape)
    once = -float(ndtri(level / 2))
    # with these the level is kept by the nearest boundary alone, and, after Bonferroni, by far
    near, far = once / relative.max(), -float(ndtri(level / 2 / looks)) / relative.min()
    if looks == 1:
        return once
    return float(
        brentq(lambda last: crossing_chances(last * relative)[-1] - level, near, far, xtol=1e-9)
    )


def chance_over_looks(p_value: float, look: int, looks: int) -> float:
    """Give the p value of a look as one over all planned looks together.

    It is the chance that, where there is no difference, the statistic of any of the looks is as far
    out, by the boundaries of `look_bounds`, as that of this one.

    Args:
        p_value: two-sided, of one look; NaN stays NaN.
        look: which one, from 1.
        looks: that are planned, at least 1.

    Raises:
        ValueError: if the number of looks is out of range, or the look is none of them.
    """
    _check(looks)
    if not 1 <= look <= looks:
        raise ValueError(f'look must be from 1 to {looks}, but it is {look}')
    if not 0 < p_value < 1:
        return p_value
    return _over_looks(p_value, look, looks)


@lru_cache(maxsize=10_000)  # looks are taken again each time that a comparison goes on
def _over_looks(p_value: float, look: int, looks: int) -> float:
    relative = _relative(looks, SHAPE)
    bounds = -float(ndtri(p_value / 2)) / relative[look - 1] * relative
    return float(crossing_chances(bounds)[-1])


def _check(looks: int, **levels: float) -> None:
    if looks < 1:
        raise ValueError(f'there must be at least one look, but there are {looks}')
    check_share(**levels)
