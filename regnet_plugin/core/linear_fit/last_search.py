"""The best fits near some: step 5 of `best_fit`."""

from dataclasses import dataclass

import numpy as np

from regnet_plugin.core.linear_fit.arrays import Floats, Integers, least_of_each, ranges
from regnet_plugin.core.linear_fit.level_sequences import WIDEST, Sequences
from regnet_plugin.core.linear_fit.rankings import Starts
from regnet_plugin.core.quantized_linear import WIDTH_STEP

_NEAR = 0.06  # of a slope: how far from the best one of ranking 4 the search goes
# A width from which on rounding to a multiple of 8 changes it by less than 0.04%: seen to last.
_COARSELY_ROUNDED = 10_000


@dataclass(frozen=True)
class Best:
    """The best fit of each of n networks: w_0, w_a / w_0 and w_m, of shape (n, )."""

    w_0: Floats
    ratio: Floats
    w_m: Floats


@dataclass(frozen=True)
class _Intervals:
    """m candidates for best fits, each with the slopes from which one is to be chosen.

    Attributes:
        network: which network it is for, shape (m, ).
        w_0: in multiples of 8, shape (m, ).
        levels: of the blocks, shape (m, d).
        low: least slope, shape (m, ).
        high: greatest slope, shape (m, ).
    """

    network: Integers
    w_0: Floats
    levels: Floats
    low: Floats
    high: Floats

    @property
    def middle(self) -> Floats:
        """The slope in the middle of each interval."""
        return (self.low + self.high) / 2

    def __getitem__(self, places: Integers) -> '_Intervals':
        """Some of the candidates."""
        return _Intervals(
            network=self.network[places],
            w_0=self.w_0[places],
            levels=self.levels[places],
            low=self.low[places],
            high=self.high[places],
        )


def search_near(observed: Floats, sequences: Sequences, starts: Starts) -> Best:
    """Find the best fit of each network near those given.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        sequences: of d blocks.
        starts: of which each network has at least one.
    """
    slopes = starts.slope.astype(float)
    candidates = _Intervals(
        network=starts.network,
        w_0=starts.w_0.astype(float),
        levels=sequences.levels[starts.row].astype(float),
        low=np.maximum(slopes - _NEAR, sequences.low[starts.row]),
        high=np.minimum(slopes + _NEAR, sequences.high[starts.row]),
    )
    # First by the narrow widths, which are rounded to few values; then, of the best interval, by
    # the others.
    coarse = _COARSELY_ROUNDED / WIDTH_STEP
    for narrowest, widest in ((0.0, coarse), (coarse, np.inf)):
        candidates = _plateaus(candidates, narrowest, widest)
        growth = np.exp(candidates.middle[:, None] * candidates.levels)
        widths = np.rint(candidates.w_0[:, None] * growth)
        errors = np.abs(np.log(widths) - observed[candidates.network]).mean(axis=1)
        best = least_of_each(errors, candidates.network, 1)
        in_order_of_networks = np.argsort(candidates.network[best])
        candidates = candidates[best[in_order_of_networks]]
    return Best(
        w_0=WIDTH_STEP * candidates.w_0,
        ratio=_ratio(candidates.levels, candidates.middle),
        w_m=np.exp(candidates.middle),
    )


def _plateaus(candidates: _Intervals, narrowest: float, widest: float) -> _Intervals:
    """Divide intervals of slopes, so that within each part no level's rounded width changes.

    Args:
        candidates: to be divided.
        narrowest: width, in multiples of 8, from which on changes count.
        widest: width up to which they count.

    Returns:
        The parts, those of a candidate one after the other.
    """
    owner, changes = _changes(candidates, narrowest, widest)
    # The ends of all parts of a candidate: its own two, and every change between them.
    every = np.arange(len(candidates.w_0))
    ends = np.concatenate([candidates.low, candidates.high, changes])
    owner = np.concatenate([every, every, owner])
    order = np.lexsort((ends, owner))
    owner, ends = owner[order], ends[order]
    is_part = owner[1:] == owner[:-1]
    parts = candidates[owner[1:][is_part]]
    return _Intervals(
        network=parts.network,
        w_0=parts.w_0,
        levels=parts.levels,
        low=ends[:-1][is_part],
        high=ends[1:][is_part],
    )


def _changes(candidates: _Intervals, narrowest: float, widest: float) -> tuple[Integers, Floats]:
    """The slopes within intervals at which a level's rounded width changes; see `_plateaus`.

    Returns:
        Which candidate each is of, and the slopes; both of shape (changes, ).
    """
    w_0 = candidates.w_0
    highest = candidates.levels[:, -1]
    level = np.arange(1, max(1, int(highest.max())) + 1)
    # Each level's width passes the halves between whole numbers from the first on to the last.
    first, last = (
        np.ceil(np.clip(w_0[:, None] * np.exp(end[:, None] * level), narrowest, widest) - 0.5)
        for end in (candidates.low, candidates.high)
    )
    count = np.where(level <= highest[:, None], last - first, 0).astype(int)
    place, steps = ranges(first.ravel().astype(int), count.ravel())
    owner, index = np.divmod(place, len(level))
    return owner, np.log((steps + 0.5) / w_0[owner]) / level[index]


def _ratio(levels: Floats, slopes: Floats) -> Floats:
    """Return values of w_a / w_0 that give n sequences of levels, of shape (n, d), with slopes.

    The first block j of a level k must have come to it, the block before must not: so the ratio is
    between expm1(slope (k - 1/2)) / j and the same by j - 1, for every k. Of what all levels leave
    it is the middle, on a logarithmic axis.
    """
    level = np.arange(1, levels.max() + 2)
    # The first block with a level or a higher one; d where there is none.
    first_block = np.count_nonzero(levels[:, None] < level[:, None], axis=2)
    steps = np.expm1(slopes[:, None] * (level - 0.5))
    least = np.where(first_block < levels.shape[1], steps / first_block, 0).max(axis=1)
    with np.errstate(divide='ignore'):  # where there is no block before, any ratio does
        greatest = np.where(first_block > 1, steps / (first_block - 1), WIDEST).min(axis=1)
    ratios: Floats = np.sqrt(least * greatest)
    return ratios
