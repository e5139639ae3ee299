"""All sequences of levels that the quantized linear function gives, with the w_m that give them.

The level of block j in equations 2 to 4, round(ln(1 + r j) / ln w_m) with r = w_a / w_0, does not
depend on w_0. It passes from k - 1 to k on the curve r = (w_m ** (k - 1/2) - 1) / j. These curves
cut the plane of ln w_m and r into cells, one for each sequence of levels. A cell begins and ends
where two curves cross. The crossings are computed, and so all sequences of a depth are known, and
the w_m between which each lies.

In this package ln w_m is called the slope: a block's ln width grows by it with each level.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.linear_fit.arrays import Floats, Integers, ShortFloats, ranges

# Slopes that are considered: w_m from 1.08 to 8.05. The paper's spaces have 1.5 to 3; networks of
# AnyNet are fitted by more.
_LOW, _HIGH = np.log([1.08, 8.05])
WIDEST = 2048  # last u_j by first, at most; RegNet's reach 1 + 63 * 256 / 8
_HIGHEST = 10  # level; the best fit has a higher one in 1 of 3000 networks
_LEVELS_TIMES_DEPTH = 500  # deep networks get fewer levels, since their sequences are many
_LEAST_HIGHEST = 4  # level, however deep: five widths, one more than most networks have
_BESIDE = 1e-7  # of the slope, from a crossing to inside a cell that begins or ends there
_MARGIN = 2e-6  # of the slope; float32 stays inside a cell
_NEWTON_STEPS = 5  # each doubles the digits; the first guess has one or two
_EQUAL = 1e-9  # relative; what float64 may round apart
_LEAST_SPREAD = np.float32(1e-6)  # in place of 0 for a single level, so that it can be divided by


@dataclass(frozen=True)
class Sequences:
    """The N sequences of levels of d blocks; those of one or two levels come first.

    Attributes:
        levels: float32 of shape (N, d).
        spread: sum of the squared distances of the levels from their mean, of shape (N, ).
        low: least slope that can give the sequence, of shape (N, ).
        high: greatest slope that can, of shape (N, ).
        few: how many have one or two levels.
    """

    levels: ShortFloats
    spread: ShortFloats
    low: ShortFloats
    high: ShortFloats
    few: int


def _curve(slope: Any, level: Any, block: Any) -> Floats:
    """The value of w_a / w_0 from which on a block has a level; arrays are broadcast."""
    ratio: Floats = np.expm1(slope * (level - 0.5)) / block
    return ratio


@dataclass(frozen=True)
class _Crossings:
    """Points at which two curves cross: arrays of shape (m, ).

    Attributes:
        slope: where they cross.
        level: of the one curve.
        block: of the one curve.
        higher: level of the other curve, higher than that of the one.
        later: block of the other curve, later than that of the one.
    """

    slope: Floats
    level: Integers
    block: Integers
    higher: Integers
    later: Integers

    def __getitem__(self, places: NDArray[np.bool_]) -> '_Crossings':
        """Some of the points."""
        return _Crossings(
            slope=self.slope[places],
            level=self.level[places],
            block=self.block[places],
            higher=self.higher[places],
            later=self.later[places],
        )

    def between(self, slope: Floats) -> Floats:
        """A value of w_a / w_0 between the two curves at a slope: their geometric mean."""
        one = _curve(slope, self.level, self.block)
        other = _curve(slope, self.higher, self.later)
        return np.sqrt(one * other)


@lru_cache(maxsize=4)  # populations are fitted depth by depth
def sequences_of(depth: int) -> Sequences:
    """Return all sequences of levels, up to a last width of `WIDEST` times the first.

    Args:
        depth: number of blocks d, from 1.

    Returns:
        Sequences of levels up to 10; of fewer levels for more than 50 blocks, whose sequences are
        many. Widths are compared before rounding.
    """
    highest = max(_LEAST_HIGHEST, min(_HIGHEST, _LEVELS_TIMES_DEPTH // depth))
    cells = _cells(depth, highest)
    is_low_enough = cells.levels[:, -1] <= highest
    is_narrow_enough = cells.ratios * (depth - 1) < WIDEST
    has_room = cells.high - cells.low > 2 * _MARGIN
    kept = np.flatnonzero(is_low_enough & is_narrow_enough & has_room)
    has_many_levels = cells.levels[kept, -1] > 1
    kept = kept[np.argsort(has_many_levels, kind='stable')]

    levels = cells.levels[kept].astype(np.float32)
    squares = np.einsum('ij,ij->i', levels, levels)
    spread = squares - depth * levels.mean(axis=1) ** 2
    return Sequences(
        levels=levels,
        spread=np.maximum(spread, _LEAST_SPREAD),
        low=(cells.low[kept] + _MARGIN).astype(np.float32),
        high=(cells.high[kept] - _MARGIN).astype(np.float32),
        few=np.count_nonzero(~has_many_levels),
    )


@dataclass(frozen=True)
class _Cells:
    """Cells of the plane, one for each of N sequences of levels.

    Attributes:
        levels: of the sequences, shape (N, d).
        ratios: a value of w_a / w_0 inside each cell, close to where it begins, shape (N, ).
        low: slope at which the cell begins, shape (N, ).
        high: slope at which it ends, shape (N, ).
    """

    levels: Floats
    ratios: Floats
    low: Floats
    high: Floats


def _cells(depth: int, highest: int) -> _Cells:
    """Compute all cells of d blocks, some of them of a level above the highest."""
    crossings = _crossings(depth, highest)
    edge = _cells_at_the_edge(depth, highest)
    # A point inside each cell, close to where it begins: beside a crossing, or at the least w_m.
    low = np.append(crossings.slope, np.full(len(edge), _LOW))
    ratios = np.append(crossings.between(crossings.slope + _BESIDE), edge)
    levels = _levels(low + _BESIDE, ratios, depth)
    before = crossings.slope - _BESIDE
    ended = _levels(before, crossings.between(before), depth)
    return _Cells(levels, ratios, low, _ends(levels, ended, crossings.slope))


def _crossings(depth: int, highest: int) -> _Crossings:
    """Compute where the curves of two levels, up to one above the highest, and two blocks cross.

    The curve of a level k and block j and that of a higher level K and later block J cross at the
    slope x with expm1(x (K - 1/2)) / expm1(x (k - 1/2)) = J / j. The left side grows with x.
    """
    level, higher = _pairs(highest + 1)
    block, later = _pairs(depth - 1)
    by_quotient = np.argsort(later / block)
    block, later = block[by_quotient], later[by_quotient]
    quotient = later / block

    # For each pair of levels, the pairs of blocks whose curves cross between the least and the
    # greatest slope are neighbours in the order of J / j.
    first, end = (
        np.searchsorted(quotient, _curve(slope, higher, 1) / _curve(slope, level, 1))
        for slope in (_LOW, _HIGH)
    )
    pair_of_levels, pair_of_blocks = ranges(first, end - first)
    level, higher = level[pair_of_levels], higher[pair_of_levels]
    block, later = block[pair_of_blocks], later[pair_of_blocks]

    slope = _crossing_slope(level, higher, np.log(later / block))
    # The last block has the highest level there, or just comes to the next one.
    last_level = np.log1p(_curve(slope, level, block) * (depth - 1)) / slope
    kept = last_level < highest + 0.5 + _EQUAL
    return _Crossings(slope, level, block, higher, later)[kept]


def _pairs(number: int) -> tuple[Integers, Integers]:
    """All pairs of a smaller and a larger whole number from 1 to a number."""
    smaller, larger = np.triu_indices(number, 1)
    return 1 + smaller, 1 + larger


def _crossing_slope(level: Integers, higher: Integers, target: Floats) -> Floats:
    """Solve for the slopes at which two curves cross, by Newton's method.

    Args:
        level: of the one curve.
        higher: of the other curve.
        target: ln of the later block by the other, for the logarithm of the equation.
    """
    # The first guess is more than the solution; Newton's method comes down to it from there.
    slope = target / (higher - level)
    for _ in range(_NEWTON_STEPS):
        lower, upper = np.expm1(slope * (level - 0.5)), np.expm1(slope * (higher - 0.5))
        derivative = (higher - 0.5) * (1 + 1 / upper) - (level - 0.5) * (1 + 1 / lower)
        slope -= (np.log(upper / lower) - target) / derivative
    return slope


def _cells_at_the_edge(depth: int, highest: int) -> Floats:
    """A value of w_a / w_0 in each cell that the least w_m cuts; 0 for that of one level."""
    levels, blocks = np.arange(1, highest + 2)[:, None], np.arange(1, depth)
    ends = np.sort(_curve(_LOW, levels, blocks).ravel())
    # Up to where the last block comes to the level above the highest.
    ends = ends[ends * (depth - 1) < _curve(_LOW, highest + 1, 1) * (1 + _EQUAL)]
    return np.append(0.0, (ends[:-1] + ends[1:]) / 2)


def _levels(slopes: Floats, ratios: Floats, depth: int) -> Floats:
    """The levels of d blocks at m points of the plane, of shape (m, d); equation 3."""
    levels = ratios[:, None] * np.arange(depth)
    # In place: the arrays are large.
    np.log1p(levels, out=levels)
    levels /= slopes[:, None]
    return np.rint(levels, out=levels)


def _ends(levels: Floats, ended: Floats, slopes: Floats) -> Floats:
    """The greatest slope of each sequence, that of the crossing at which it ends.

    Args:
        levels: N sequences, of shape (N, d).
        ended: the sequence that ends at each of m crossings, of shape (m, d).
        slopes: of the crossings, shape (m, ).

    Returns:
        Of shape (N, ); the greatest of all slopes for sequences that end at no crossing.
    """
    # Sequences are looked up by a number: a sum of levels with random weights, so that each has
    # another one. Below 2^53 it is exact: levels of 256 blocks are at most 10, or fewer.
    weights = np.random.default_rng(0).integers(2**40, size=levels.shape[1]).astype(float)
    wanted = levels @ weights
    known = np.append(ended @ weights, -1)  # a last one that is nobody's, with the greatest slope
    known_slopes = np.append(slopes, _HIGH)
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(slopes))
    found = order[place]
    return np.where(known[found] == wanted, known_slopes[found], _HIGH)
