"""The quantized linear function that fits a network best (section 3.3, figure 8), and how well.

A network is tried with fewer and fewer of all sequences of levels there are, see `level_sequences`:

1. They are ranked by the squared error of the best line through the blocks' levels and ln widths,
   which is one matrix product for many networks.
2. They are ranked by the absolute error of a line with the same slope. The few sequences of one or
   two levels come so far without a rank.
3. They are ranked by the error of the best line for absolute error, which goes through two blocks.
4. They are ranked by e_fit itself, with w_0 a multiple of 8, mostly for values of w_m that give a
   block its width.
5. Around the best of these, every w_m is tried that rounds a width differently.

Nothing proves that the best sequence survives. Of 3000 networks of AnyNetX_A to E and RegNetX at
400MF, 12 are fitted better where ten times as many are kept, by 0.07 at most and 0.0001 in the mean
of all.

In this module the slope is ln w_m, by which a block's ln width grows with each level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.core.linear_fit.level_sequences import WIDEST, Sequences, ranges, sequences_of
from regnet_plugin.core.quantized_linear import WIDTH_STEP, quantized_linear

DEEPEST = 256  # blocks; time and memory grow with their sequences
# How many sequences the rankings 1 to 4 leave; see above for what is lost.
_BY_SQUARED_ERROR, _BY_ABSOLUTE_ERROR, _BY_LINE, _BY_E_FIT = 1024, 40, 24, 6
_ANCHORS = 16  # blocks that lines go through: the first and the last of up to eight stages
_AROUND = (-1, 0, 1)  # multiples of 8 around the w_0 of a line
_CORNERS = (0, -0.49, 0.49)  # a number of steps of 8 is rounded to the same there
_LEAST_STEPS = 0.51  # of 8, of a width: the least that is not rounded to 0
_EVENLY = 8  # slopes between the least and the greatest of a sequence
_NEAR = 0.06  # of a slope: how far from the best one of ranking 4 the last search goes
# A width from which on rounding to a multiple of 8 changes it by less than 0.04%: seen to last.
_COARSELY_ROUNDED = 10_000
_TOGETHER = 32  # networks: more share the cost of each call, fewer the processor's cache

Floats = NDArray[np.float64]
ShortFloats = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class BestFit:
    """Parameters of the best fit, and the mean over the blocks of |ln(predicted width / width)|."""

    w_0: int
    w_a: float
    w_m: float
    e_fit: float


def e_fit(predicted: ArrayLike, observed: ArrayLike) -> Floats:
    """Return the distance of two networks' block widths: mean |ln(predicted / observed)|.

    The paper says "mean log-ratio"; absolute values are our reading, since signed ones would
    cancel.

    Args:
        predicted: widths > 0, of shape (…, d).
        observed: widths > 0, of a shape that is broadcast with the other.

    Returns:
        The mean over the last axis, of shape (…).
    """
    distances = np.abs(np.log(np.asarray(predicted) / np.asarray(observed)))
    means: Floats = distances.mean(axis=-1)
    return means


class Stages(Protocol):
    """What a network is fitted by; an `Architecture` has it."""

    @property
    def depths(self) -> Sequence[int]:
        """Blocks of each stage."""

    @property
    def widths(self) -> Sequence[int]:
        """Width of each stage."""


def fit(architecture: Stages) -> BestFit:
    """Fit the quantized linear function to a network's widths, before the group-width rule.

    Args:
        architecture: of any widths and depths; the fit may have another number of stages.

    Returns:
        w_0 a multiple of 8, w_a >= 0, w_m from 1.08 to 8.05.

    Raises:
        ValueError: if the network has more than 256 blocks.
    """
    return fit_all([architecture])[0]


def fit_all(architectures: Iterable[Stages]) -> list[BestFit]:
    """Fit many networks, each as `fit` does, in less time: those of one depth share most of it.

    Args:
        architectures: of any widths and depths.

    Returns:
        Fits in the order of the networks.

    Raises:
        ValueError: if a network has more than 256 blocks.
    """
    architectures = list(architectures)
    places: dict[tuple[int, int], list[int]] = {}  # by depth and number of stages
    for place, architecture in enumerate(architectures):
        depths = architecture.depths
        depth = sum(depths)
        if depth > DEEPEST:
            raise ValueError(
                f'a network must have at most {DEEPEST} blocks to be fitted, but it has {depth}'
            )
        places.setdefault((depth, len(depths)), []).append(place)
    fits: dict[int, BestFit] = {}
    for shape in sorted(places):
        for first in range(0, len(places[shape]), _TOGETHER):
            part = places[shape][first : first + _TOGETHER]
            found = _fits_of_one_shape([architectures[place] for place in part])
            fits.update(zip(part, found))
    return [fits[place] for place in range(len(architectures))]


def _fits_of_one_shape(architectures: Sequence[Stages]) -> list[BestFit]:
    """Fit n networks of one depth and one number of stages."""
    depths = np.array([architecture.depths for architecture in architectures])
    stage_widths = np.array([architecture.widths for architecture in architectures])
    widths = np.repeat(stage_widths.ravel(), depths.ravel()).reshape(len(depths), -1)
    depth = widths.shape[1]
    sequences = sequences_of(depth)
    observed = np.log(widths / WIDTH_STEP)
    starts = _starts(observed.astype(np.float32), depths, sequences)
    best = _finished(observed, sequences, starts)
    w_a = best.ratio * best.w_0
    predicted = quantized_linear(np.full(len(w_a), depth), best.w_0, w_a, best.w_m).widths
    errors = e_fit(predicted, widths)
    return [
        BestFit(
            w_0=int(best.w_0[i]), w_a=float(w_a[i]), w_m=float(best.w_m[i]), e_fit=float(errors[i])
        )
        for i in range(len(architectures))
    ]


@dataclass(frozen=True)
class _Starts:
    """Where the best fits should be near: m candidates, arrays of shape (m, ).

    Attributes:
        network: which network it is for.
        row: which of the sequences of levels.
        w_0: in multiples of 8.
        slope: ln w_m.
    """

    network: Integers
    row: Integers
    w_0: ShortFloats
    slope: ShortFloats


def _starts(observed: ShortFloats, depths: Integers, sequences: Sequences) -> _Starts:
    """Find where the best fits should be near: rankings 1 to 4.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        depths: of the stages, shape (n, S).
        sequences: of d blocks.

    Returns:
        Six candidates for each network, or as many as it has sequences.
    """
    anchors = _anchors(depths)
    rows = _ranked(observed, sequences)
    every_network = np.repeat(np.arange(len(rows)), rows.shape[1])
    trials = _trials(observed, anchors, sequences, every_network, rows.ravel())
    errors, intercepts = _best_lines(trials)
    best = _least_of_each(errors, trials.network, _BY_LINE)
    # In the same order as before: `best` ascends, and the order by number of runs is stable.
    trials = _trials(observed, anchors, sequences, trials.network[best], trials.row[best])
    errors, w_0, slopes = _rounded(trials, intercepts[best])
    every_network = np.tile(trials.network, len(errors))
    best = _least_of_each(errors.ravel(), every_network, _BY_E_FIT)
    trial = best % len(trials.row)
    return _Starts(
        network=trials.network[trial],
        row=trials.row[trial],
        w_0=w_0.ravel()[best],
        slope=slopes.ravel()[best],
    )


def _anchors(depths: Integers) -> Integers:
    """Blocks that lines go through: the first and the last of stages, of shape (n, 16 or fewer)."""
    ends = np.cumsum(depths, axis=1)
    blocks = np.concatenate([ends - depths, ends - 1], axis=1)
    number = blocks.shape[1]
    chosen = np.linspace(0, number - 1, min(number, _ANCHORS)).astype(int)
    anchors: Integers = blocks[:, chosen]
    return anchors


def _ranked(observed: ShortFloats, sequences: Sequences) -> Integers:
    """Choose m sequences for each network: rankings 1 and 2.

    They are all of few levels, and those with the least absolute error of a line with the slope
    that has the least squared error.

    Returns:
        Rows of the sequences, of shape (n, m).
    """
    few, rest = np.arange(sequences.few), slice(sequences.few, None)
    levels, spread = sequences.levels[rest], sequences.spread[rest]
    products = (observed - observed.mean(axis=1, keepdims=True)) @ levels.T
    slopes = np.minimum(np.maximum(products / spread, sequences.low[rest]), sequences.high[rest])
    # Up to what is the same for all sequences of a network, the spread of its ln widths.
    squared_errors = slopes * (slopes * spread - 2 * products)
    # The sum of distances from the median is that of the greater half less that of the other.
    depth = observed.shape[1]
    half = np.sign(np.arange(depth) - (depth - 1) / 2).astype(np.float32)
    chosen = []
    # One by one: all networks at once do not fit the processor's cache.
    for network in range(len(observed)):
        rows = _places_of_least(squared_errors[network], _BY_SQUARED_ERROR)
        distances = observed[network] - slopes[network, rows, None] * levels[rows]
        distances.sort(axis=1)
        best = _places_of_least(distances @ half, _BY_ABSOLUTE_ERROR)
        chosen.append(np.append(few, sequences.few + rows[best]))
    return np.array(chosen)


def _places_of_least(values: ShortFloats, count: int) -> Integers:
    """Places of the least values, in no order; of all of them where there are not more."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, count)[:count]


def _least_of_each(errors: NDArray[np.floating], network: Integers, count: int) -> Integers:
    """Places of each network's least errors, in ascending order."""
    order = np.lexsort((errors, network))
    first_of_network = np.searchsorted(network[order], network[order])
    rank = np.arange(len(order)) - first_of_network
    return np.sort(order[rank < count])


@dataclass(frozen=True)
class _Run:
    """The i-th run of each of the first k trials, which are those that have so many runs.

    A run is a row of blocks of one width and one level, whose errors are therefore the same.

    Attributes:
        level: of its blocks, shape (k, ).
        width: ln of their width in multiples of 8.
        size: how many blocks it has.
    """

    level: ShortFloats
    width: ShortFloats
    size: ShortFloats


@dataclass(frozen=True)
class _Trials:
    """m sequences of levels, each tried for a network; those with the most runs come first.

    Attributes:
        network: which network, shape (m, ).
        row: which sequence, shape (m, ).
        low: least slope of the sequence, shape (m, ).
        high: greatest slope of the sequence, shape (m, ).
        levels: of the blocks that lines go through, shape (b, m).
        widths: of those blocks, ln of multiples of 8, shape (b, m).
        runs: all first runs, all second ones, …
    """

    network: Integers
    row: Integers
    low: ShortFloats
    high: ShortFloats
    levels: ShortFloats
    widths: ShortFloats
    runs: list[_Run]


def _trials(
    observed: ShortFloats,
    anchors: Integers,
    sequences: Sequences,
    network: Integers,
    row: Integers,
) -> _Trials:
    """Collect what is needed to try m sequences, each for a network.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        anchors: blocks that lines go through, of shape (n, b).
        sequences: of d blocks.
        network: places in ``observed``, shape (m, ).
        row: places in ``sequences``, shape (m, ).
    """
    levels = sequences.levels[row]
    level_changes = levels[:, 1:] != levels[:, :-1]
    width_changes = observed[:, 1:] != observed[:, :-1]
    begins = np.ones(levels.shape, dtype=bool)  # whether a run begins with a block
    begins[:, 1:] = level_changes | width_changes[network]
    order = np.argsort(-np.count_nonzero(begins, axis=1), kind='stable')
    network, row = network[order], row[order]
    blocks = anchors[network].T
    return _Trials(
        network=network,
        row=row,
        low=sequences.low[row],
        high=sequences.high[row],
        levels=sequences.levels[row, blocks],
        widths=observed[network, blocks],
        runs=_runs(observed, network, levels[order], begins[order]),
    )


def _runs(
    observed: ShortFloats, network: Integers, levels: ShortFloats, begins: NDArray[np.bool_]
) -> list[_Run]:
    """Collect the runs of m trials, of which the first has the most.

    Args:
        observed: ln of the widths in multiples of 8, of shape (n, d).
        network: places in ``observed``, shape (m, ).
        levels: of the blocks, shape (m, d).
        begins: whether a run begins with a block, shape (m, d); always with the first one.
    """
    # All runs in one row, trial after trial.
    trial, block = np.nonzero(begins)
    level, width = levels[trial, block], observed[network[trial], block]
    position = trial * begins.shape[1] + block
    size = np.diff(position, append=begins.size).astype(np.float32)
    number = np.count_nonzero(begins, axis=1)  # of a trial's runs
    first = np.cumsum(number) - number  # where a trial's runs begin in that row
    runs = []
    for index in range(number[0]):
        places = first[number > index] + index
        runs.append(_Run(level[places], width[places], size[places]))
    return runs


def _best_lines(trials: _Trials) -> tuple[ShortFloats, ShortFloats]:
    """Ranking 3: the least absolute error of a line for each trial, and that line's ln w_0.

    A best line goes through two blocks, or through one with the least or the greatest slope.
    Errors are sums over the blocks.
    """
    every = np.arange(len(trials.levels))
    one, other = np.triu_indices(len(every), 1)
    # Where two blocks have one level no line goes through both; any slope does for them.
    distance = np.maximum(trials.levels[other] - trials.levels[one], 1)
    slopes = (trials.widths[other] - trials.widths[one]) / distance
    slopes = np.concatenate(
        [
            np.clip(slopes, trials.low, trials.high),
            np.broadcast_to(trials.low, trials.levels.shape),
            np.broadcast_to(trials.high, trials.levels.shape),
        ]
    )
    through = np.concatenate([one, every, every])
    intercepts = trials.widths[through] - slopes * trials.levels[through]
    errors = np.zeros_like(slopes)
    for run in trials.runs:
        some = np.s_[:, : len(run.level)]
        # |slope * level + intercept - width| * size, in place: the arrays are large.
        distance = slopes[some] * run.level
        distance += intercepts[some]
        distance -= run.width
        np.abs(distance, out=distance)
        distance *= run.size
        errors[some] += distance
    best = errors.argmin(axis=0)
    trial = np.arange(errors.shape[1])
    return errors[best, trial], intercepts[best, trial]


def _rounded(
    trials: _Trials, intercepts: ShortFloats
) -> tuple[ShortFloats, ShortFloats, ShortFloats]:
    """Ranking 4: the least e_fit of each trial, with values of w_0 around the line's.

    Args:
        trials: m of them.
        intercepts: ln w_0 of their best lines, in multiples of 8, shape (m, ).

    Returns:
        e_fit times the number of blocks, w_0 in multiples of 8, and slopes, of shape (values of
        w_0, m).
    """
    around = np.array(_AROUND, np.float32)[:, None]
    w_0 = np.maximum(1, np.rint(np.exp(intercepts)) + around)
    slopes = np.clip(_slopes_to_try(trials, w_0), trials.low, trials.high)
    errors = np.zeros_like(slopes)
    for run in trials.runs:
        some = np.s_[..., : len(run.level)]
        # |ln(rint(w_0 * exp(slope * level))) - width| * size, in place: the arrays are large.
        distance = slopes[some] * run.level
        np.exp(distance, out=distance)
        distance *= w_0[some]
        np.rint(distance, out=distance)
        np.log(distance, out=distance)
        distance -= run.width
        np.abs(distance, out=distance)
        distance *= run.size
        errors[some] += distance
    best = errors.argmin(axis=0)[None]
    least_errors = np.take_along_axis(errors, best, axis=0)[0]
    return least_errors, w_0, np.take_along_axis(slopes, best, axis=0)[0]


def _slopes_to_try(trials: _Trials, w_0: ShortFloats) -> ShortFloats:
    """Return slopes to be tried, of shape (how many, values of w_0, m).

    With some, the level of a block has its width, exactly or at the edge of what is rounded to it.
    The others are even, but moved to where a width of level 1 is about to change: errors that
    balance are least at such edges.
    """
    corners = np.array(_CORNERS, np.float32)[:, None]
    # Of shape (blocks, corners, m).
    widths = np.log(np.maximum(_LEAST_STEPS, np.exp(trials.widths)[:, None] + corners))
    levels = np.maximum(trials.levels, 1)[:, None, None]
    of_blocks = (widths[:, :, None] - np.log(w_0)) / levels

    parts = np.linspace(0, 1, _EVENLY, dtype=np.float32)[:, None, None]
    even = trials.low + (trials.high - trials.low) * parts
    first_widths = np.rint(np.exp(even) * w_0)
    at_edges = np.log((first_widths[:, None] + corners[1:, None]) / w_0)
    return np.concatenate([of_blocks.reshape(-1, *w_0.shape), at_edges.reshape(-1, *w_0.shape)])


@dataclass(frozen=True)
class _Best:
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


def _finished(observed: Floats, sequences: Sequences, starts: _Starts) -> _Best:
    """Find the best fit of each network near those given: step 5.

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
        best = _least_of_each(errors, candidates.network, 1)
        in_order_of_networks = np.argsort(candidates.network[best])
        candidates = candidates[best[in_order_of_networks]]
    return _Best(
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
    w_0, low, high = candidates.w_0, candidates.low, candidates.high
    highest = candidates.levels[:, -1]
    level = np.arange(1, max(1, int(highest.max())) + 1)
    # Each level's width passes the halves between whole numbers from the first on to the last.
    first, last = (
        np.ceil(np.clip(w_0[:, None] * np.exp(end[:, None] * level), narrowest, widest) - 0.5)
        for end in (low, high)
    )
    count = np.where(level <= highest[:, None], last - first, 0).astype(int)
    place, steps = ranges(first.ravel().astype(int), count.ravel())
    owner, index = np.divmod(place, len(level))
    changes = np.log((steps + 0.5) / w_0[owner]) / level[index]
    # The ends of all parts of a candidate: its own two, and every change between them.
    every = np.arange(len(w_0))
    ends = np.concatenate([low, high, changes])
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
