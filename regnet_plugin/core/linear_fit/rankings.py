"""Where the best fits should be near: rankings 1 to 4 of `best_fit`."""

from dataclasses import dataclass

import numpy as np

from regnet_plugin.core.linear_fit.arrays import Integers, ShortFloats, least_of_each
from regnet_plugin.core.linear_fit.level_sequences import Sequences
from regnet_plugin.core.linear_fit.trials import Trials, trials_of

# How many sequences the rankings leave; what is lost stands in `best_fit`.
_BY_SQUARED_ERROR, _BY_ABSOLUTE_ERROR, _BY_LINE, _BY_E_FIT = 1024, 40, 24, 6
_ANCHORS = 16  # blocks that lines go through: the first and the last of up to eight stages
_AROUND = (-1, 0, 1)  # multiples of 8 around the w_0 of a line
_CORNERS = (0, -0.49, 0.49)  # a number of steps of 8 is rounded to the same there
_LEAST_STEPS = 0.51  # of 8, of a width: the least that is not rounded to 0
_EVENLY = 8  # slopes between the least and the greatest of a sequence


@dataclass(frozen=True)
class Starts:
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


def find_starts(observed: ShortFloats, depths: Integers, sequences: Sequences) -> Starts:
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
    trials = trials_of(observed, anchors, sequences, every_network, rows.ravel())
    errors, intercepts = _best_lines(trials)
    best = least_of_each(errors, trials.network, _BY_LINE)
    # In the same order as before: `best` ascends, and the order by number of runs is stable.
    trials = trials_of(observed, anchors, sequences, trials.network[best], trials.row[best])
    errors, w_0, slopes = _rounded(trials, intercepts[best])
    every_network = np.tile(trials.network, len(errors))
    best = least_of_each(errors.ravel(), every_network, _BY_E_FIT)
    trial = best % len(trials.row)
    return Starts(
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


def _best_lines(trials: Trials) -> tuple[ShortFloats, ShortFloats]:
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
    trials: Trials, intercepts: ShortFloats
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


def _slopes_to_try(trials: Trials, w_0: ShortFloats) -> ShortFloats:
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
