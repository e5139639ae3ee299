"""All sequences of levels that the quantized linear function gives, with the w_m that give them
(equations 2 to 4).

The level of block j, round(ln(1 + r j) / ln w_m) with r = w_a / w_0, does not depend on w_0. It
passes from k - 1 to k on the curve r = (w_m ** (k - 1/2) - 1) / j. These curves cut the plane of ln
w_m and r into cells, one for each sequence of levels. A cell begins and ends where two curves
cross. The crossings are computed, and so all sequences of a depth are known, and the w_m between
which each lies.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_LOW, _HIGH = np.log([1.08, 8.05])  # of w_m
WIDEST = 2048  # last u_j by first, at most; RegNet's reach 1 + 63 * 256 / 8
_HIGHEST = 10  # level; the best fit has a higher one in 1 of 3000 networks
_BESIDE = 1e-7  # of ln w_m, from a crossing to inside a cell that begins or ends there
_MARGIN = 2e-6  # of ln w_m; float32 stays inside a cell


@dataclass(frozen=True)
class Sequences:
    """The N sequences of levels of d blocks; those of one or two levels come first.

    Attributes:
        levels (np.ndarray): float32 of shape (N, d).
        spread (np.ndarray): sum of the squared distances of the levels from their mean, as the rest
        of shape (N, ). low, high (np.ndarray): between them are the values of ln w_m that can give
        the sequence.
        few (int): how many have one or two levels.
    """

    levels: np.ndarray
    spread: np.ndarray
    low: np.ndarray
    high: np.ndarray
    few: int


def _curve(slope, level, block):
    """The value of w_a / w_0 from which on a block has a level, for a slope ln w_m."""
    return np.expm1(slope * (level - 0.5)) / block


@lru_cache(maxsize=4)
def sequences_of(depth):
    """All sequences of a network's levels, up to a last width of `WIDEST` times the first, before
    rounding.

    Args:
        depth (int): number of blocks d, from 1.

    Returns:
        Sequences: of levels up to 10; fewer levels for more than 50 blocks, whose sequences are
            many.
    """
    highest = max(4, min(_HIGHEST, 500 // depth))  # of deep networks, sequences are many
    crossing, below, above, block, later = _crossings(depth, highest)
    edge = _edge(depth, highest)
    low = np.append(crossing, np.full(len(edge), _LOW))
    ratios = np.append(_between(crossing + _BESIDE, below, above, block, later), edge)
    levels = _levels(low + _BESIDE, ratios, depth)
    ended = _levels(
        crossing - _BESIDE, _between(crossing - _BESIDE, below, above, block, later), depth
    )
    high = _ends(levels, ended, crossing)
    kept = (levels[:, -1] <= highest) & (ratios * (depth - 1) < WIDEST) & (high - low > 2 * _MARGIN)
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(levels[kept, -1] > 1, kind='stable')]
    levels = levels[kept].astype(np.float32)
    spread = np.einsum('ij,ij->i', levels, levels) - depth * levels.mean(axis=1) ** 2
    return Sequences(
        levels,
        np.maximum(spread, np.float32(1e-6)),
        (low[kept] + _MARGIN).astype(np.float32),
        (high[kept] - _MARGIN).astype(np.float32),
        np.count_nonzero(levels[:, -1] <= 1),
    )


def _crossings(depth, highest):
    """Where the curves of two levels and blocks cross: ln w_m, both levels, both blocks."""
    below, above = 1 + np.array(np.triu_indices(highest + 1, 1))
    block, later = 1 + np.array(np.triu_indices(depth - 1, 1))
    order = np.argsort(later / block)
    block, later = block[order], later[order]
    first, end = (
        np.searchsorted(later / block, _curve(slope, above, 1) / _curve(slope, below, 1))
        for slope in (_LOW, _HIGH)
    )
    pair, place = ranges(first, end - first)
    below, above, block, later = below[pair], above[pair], block[place], later[place]
    target = np.log(later / block)
    # more than the solution; from there, Newton's method comes down to it
    slope = target / (above - below)
    for _ in range(5):
        lower, upper = np.expm1(slope * (below - 0.5)), np.expm1(slope * (above - 0.5))
        rise = (above - 0.5) * (1 + 1 / upper) - (below - 0.5) * (1 + 1 / lower)
        slope -= (np.log(upper / lower) - target) / rise
    last = np.log1p(_curve(slope, below, block) * (depth - 1)) / slope
    # there the last block has the highest level, or comes to the next one
    kept = last < highest + 0.5 + 1e-9
    return [values[kept] for values in (slope, below, above, block, later)]


def _edge(depth, highest):
    """A value of w_a / w_0 in each cell at the least w_m."""
    ends = np.sort(_curve(_LOW, np.arange(1, highest + 2)[:, None], np.arange(1, depth)).ravel())
    ends = ends[ends * (depth - 1) < _curve(_LOW, highest + 1, 1) * (1 + 1e-9)]
    return np.append(0.0, (ends[:-1] + ends[1:]) / 2)


def _between(slope, below, above, block, later):
    """The middle between two curves, on a logarithmic axis."""
    return np.sqrt(_curve(slope, below, block) * _curve(slope, above, later))


def _levels(slopes, ratios, depth):
    levels = ratios[:, None] * np.arange(depth)
    np.log1p(levels, out=levels)
    levels /= slopes[:, None]
    return np.rint(levels, out=levels)


def _ends(levels, ended, crossing):
    """The greatest ln w_m of each sequence, from the sequences that end at the crossings."""
    keys = np.random.default_rng(0).integers(2**40, size=levels.shape[1]).astype(float)
    # exact, and another for each sequence; -1 is no end
    keys, ended = levels @ keys, np.append(ended @ keys, -1)
    order = np.argsort(ended)
    at = order[np.minimum(np.searchsorted(ended, keys, sorter=order), len(crossing))]
    return np.where(ended[at] == keys, np.append(crossing, _HIGH)[at], _HIGH)


def ranges(first, count):
    """Whole numbers from each first one on, so many as counted; all in one row, after whose they
    are.
    """
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count - first, count)
