"""The quantized linear function that fits a network best (section 3.3, figure 8), and how well it
does.

A network is tried with fewer and fewer of all sequences of levels there are, see `level_sequences`.
They are ranked by the squared error of the best line through the blocks' levels and ln widths,
which is one matrix product for many networks; by the absolute error with the same slope; by that of
the best line for absolute error, which goes through two blocks (the few sequences of one or two
levels come so far without a rank); then by e_fit itself, with w_0 a multiple of 8, mostly for
values of w_m that give a block its width. Around the best of these, every w_m is tried that rounds
a width differently.

Nothing proves that the best sequence survives. Of 3000 networks of AnyNetX_A to E and RegNetX at
400MF, 12 are fitted better where ten times as many are kept, by 0.07 at most and 0.0001 in the mean
of all.
"""

from dataclasses import dataclass

import numpy as np

from regnet_plugin.core.linear_fit.level_sequences import WIDEST, ranges, sequences_of
from regnet_plugin.core.quantized_linear import WIDTH_STEP, quantized_linear

DEEPEST = 256
_SQUARED, _ABSOLUTE, _LINES, _ROUNDED = 1024, 40, 24, 6  # sequences that each ranking leaves
_ANCHORS = 16  # blocks that lines go through: the first and the last of up to eight stages
_AROUND = (-1, 0, 1)  # multiples of 8 around the w_0 of a line
_CORNERS = (0, -0.49, 0.49)  # a number of steps of 8 is rounded to the same there
_EVENLY = 8  # values of ln w_m between the least and the greatest of a sequence
_NEAR = 0.06  # of ln w_m
# above, rounding to a multiple of 8 changes a width by less than 0.04%: seen to last
_COARSELY_ROUNDED = 10_000
_TOGETHER = 32  # networks: more share the cost of each call, fewer the processor's cache


@dataclass(frozen=True)
class Fit:
    """Parameters of the best fit, and the mean over the blocks of |ln(predicted width / width)|."""

    w_0: int
    w_a: float
    w_m: float
    e_fit: float


def e_fit(predicted, observed):
    """The distance of two networks' block widths: mean |ln(predicted / observed)| over the last
    axis.

    The paper says "mean log-ratio"; absolute values are our reading, since signed ones would
    cancel.
    """
    return np.abs(np.log(np.asarray(predicted) / np.asarray(observed))).mean(axis=-1)


def fit(architecture):
    """Fit the quantized linear function to the widths of a network's blocks, before the group-width
    rule.

    Args:
        architecture (Architecture): of any widths and depths; the fit may have another number of
            stages.

    Returns:
        Fit: w_0 a multiple of 8, w_a >= 0, w_m from 1.08 to 8.05.

    Raises:
        ValueError: if the network has more than 256 blocks.
    """
    return fit_all([architecture])[0]


def fit_all(architectures):
    """Fit many networks, each as `fit` does, in less time: those of one depth share most of the
    work.

    Args:
        architectures (Iterable[Architecture]): of any widths and depths.

    Returns:
        list[Fit]: in their order.

    Raises:
        ValueError: if a network has more than 256 blocks.
    """
    architectures = list(architectures)
    groups = {}
    for index, architecture in enumerate(architectures):
        if architecture.depth > DEEPEST:
            raise ValueError(
                f'a network must have at most {DEEPEST} blocks to be fitted, '
                f'but it has {architecture.depth}'
            )
        groups.setdefault((architecture.depth, len(architecture.depths)), []).append(index)
    fits = {}
    for _, indices in sorted(groups.items()):
        for first in range(0, len(indices), _TOGETHER):
            part = indices[first : first + _TOGETHER]
            fits.update(zip(part, _fits([architectures[index] for index in part])))
    return [fits[index] for index in range(len(architectures))]


def _fits(architectures):
    """Fit networks of one depth and one number of stages."""
    depths, widths = (
        np.array([getattr(architecture, name) for architecture in architectures])
        for name in ('depths', 'widths')
    )
    widths = np.repeat(widths.ravel(), depths.ravel()).reshape(len(depths), -1)
    sequences = sequences_of(widths.shape[1])
    observed = np.log(widths / WIDTH_STEP)
    w_0, ratio, w_m = _finished(
        observed, sequences, *_started(observed.astype(np.float32), depths, sequences)
    )
    predicted = quantized_linear(np.full(len(w_0), widths.shape[1]), w_0, ratio * w_0, w_m).widths
    return list(
        map(
            Fit,
            w_0.astype(int).tolist(),
            (ratio * w_0).tolist(),
            w_m.tolist(),
            e_fit(predicted, widths).tolist(),
        )
    )


def _started(observed, depths, sequences):
    """Find where the best fits should be near.

    Args:
        observed (np.ndarray): ln of the widths in multiples of 8, float32 of shape (n, d).
        depths (np.ndarray): of the stages, shape (n, S).
        sequences (Sequences): of d blocks.

    Returns:
        tuple[np.ndarray]: networks, rows of sequences, w_0 in multiples of 8, ln w_m; of shape (m,
            ).
    """
    ends = np.cumsum(depths, axis=1)
    blocks = np.concatenate([ends - depths, ends - 1], axis=1)
    blocks = blocks[
        :, np.linspace(0, blocks.shape[1] - 1, min(blocks.shape[1], _ANCHORS)).astype(int)
    ]
    rows = _ranked(observed, sequences)
    tried = _tried(
        observed, blocks, sequences, np.repeat(np.arange(len(rows)), rows.shape[1]), rows.ravel()
    )
    errors, starts = _lines(tried)
    best = _best(errors, tried.network, _LINES)
    # in the same order as before
    tried = _tried(observed, blocks, sequences, tried.network[best], tried.row[best])
    errors, w_0, slopes = _rounded(tried, starts[best])
    best = _best(errors.ravel(), np.tile(tried.network, len(errors)), _ROUNDED)
    at = best % len(tried.row)
    return tried.network[at], tried.row[at], w_0.ravel()[best], slopes.ravel()[best]


def _ranked(observed, sequences):
    """Choose m sequences for each network: those of few levels, and those with the least absolute
    error.

    The slope is that of the least squared error.

    Returns:
        np.ndarray: rows of the sequences, shape (n, m).
    """
    few, rest = np.arange(sequences.few), slice(sequences.few, None)
    levels, spread = sequences.levels[rest], sequences.spread[rest]
    products = (observed - observed.mean(axis=1, keepdims=True)) @ levels.T
    slopes = np.minimum(np.maximum(products / spread, sequences.low[rest]), sequences.high[rest])
    squared = slopes * (slopes * spread - 2 * products)
    # the sum of distances from the median is that of the greater half less that of the other
    half = np.sign(np.arange(observed.shape[1]) - (observed.shape[1] - 1) / 2).astype(np.float32)
    chosen = []
    # all at once do not fit the processor's cache
    for network, (widths, slope) in enumerate(zip(observed, slopes)):
        rows = _least(squared[network], _SQUARED)
        left = widths - slope[rows, None] * levels[rows]
        left.sort(axis=1)
        chosen.append(np.append(few, sequences.few + rows[_least(left @ half, _ABSOLUTE)]))
    return np.array(chosen)


def _least(values, count):
    """Places of the least values, in no order."""
    return np.argpartition(values, count)[:count] if count < len(values) else np.arange(len(values))


def _best(errors, network, count):
    """Places of each network's least errors, in ascending order."""
    order = np.lexsort((errors, network))
    rank = np.arange(len(order)) - np.searchsorted(network[order], network[order])
    return np.sort(order[rank < count])


@dataclass(frozen=True)
class _Tried:
    """m sequences, each for a network. Those of the most runs, blocks of one width and one level,
    come first.

    Attributes:
        network, row (np.ndarray): which network, which sequence; as the rest of shape (m, ), unless
        said. low, high (np.ndarray): of ln w_m. levels, widths (np.ndarray): of the blocks that
        lines go through; ln of the widths; shape (b, m).
        runs (list[tuple[np.ndarray, np.ndarray, np.ndarray]]): level, ln of the width, and number
            of blocks of every first run, of every second, …; of shape (sequences with so many runs,
            ).
    """

    network: np.ndarray
    row: np.ndarray
    low: np.ndarray
    high: np.ndarray
    levels: np.ndarray
    widths: np.ndarray
    runs: list


def _tried(observed, blocks, sequences, network, row):
    levels = sequences.levels[row]
    begins = np.ones(levels.shape, bool)
    begins[:, 1:] = (levels[:, 1:] != levels[:, :-1]) | (observed[:, 1:] != observed[:, :-1])[
        network
    ]
    number = np.count_nonzero(begins, axis=1)
    order = np.argsort(-number, kind='stable')
    network, row, number, levels = network[order], row[order], number[order], levels[order]
    which, block = np.nonzero(begins[order])
    levels, widths = levels[which, block], observed[network[which], block]
    size = np.diff(which * observed.shape[1] + block, append=begins.size).astype(np.float32)
    first = np.cumsum(number) - number
    runs = [
        (levels[at], widths[at], size[at])
        for run in range(number[0])
        for at in [first[number > run] + run]
    ]
    blocks = blocks[network].T
    return _Tried(
        network,
        row,
        sequences.low[row],
        sequences.high[row],
        sequences.levels[row, blocks],
        observed[network, blocks],
        runs,
    )


def _lines(tried):
    """The least absolute error of a line for each sequence, and that line's ln w_0.

    A best line goes through two blocks, or through one with the least or the greatest slope.
    """
    every = np.arange(len(tried.levels))
    one, other = np.triu_indices(len(every), 1)
    slopes = (tried.widths[other] - tried.widths[one]) / np.maximum(
        tried.levels[other] - tried.levels[one], 1
    )
    slopes = np.concatenate(
        [
            np.clip(slopes, tried.low, tried.high),
            np.broadcast_to(tried.low, tried.levels.shape),
            np.broadcast_to(tried.high, tried.levels.shape),
        ]
    )
    through = np.concatenate([one, every, every])
    starts = tried.widths[through] - slopes * tried.levels[through]
    errors = np.zeros_like(slopes)
    for level, width, size in tried.runs:
        some = np.s_[:, : len(level)]
        left = slopes[some] * level
        left += starts[some]
        left -= width
        np.abs(left, out=left)
        left *= size
        errors[some] += left
    best = errors.argmin(axis=0), np.arange(errors.shape[1])
    return errors[best], starts[best]


def _rounded(tried, starts):
    """The least e_fit of each sequence with values of w_0 around the line's.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: e_fit times the number of blocks, w_0 in
        multiples of 8, ln w_m; of shape (values of w_0, m).
    """
    w_0 = np.maximum(1, np.rint(np.exp(starts)) + np.array(_AROUND, np.float32)[:, None])
    slopes = np.clip(_slopes(tried, w_0), tried.low, tried.high)
    errors = np.zeros_like(slopes)
    for level, width, size in tried.runs:
        some = np.s_[..., : len(level)]
        left = slopes[some] * level
        np.exp(left, out=left)
        left *= w_0[some]
        np.rint(left, out=left)
        np.log(left, out=left)
        left -= width
        np.abs(left, out=left)
        left *= size
        errors[some] += left
    best = errors.argmin(axis=0)[None]
    return (
        np.take_along_axis(errors, best, axis=0)[0],
        w_0,
        np.take_along_axis(slopes, best, axis=0)[0],
    )


def _slopes(tried, w_0):
    """Values of ln w_m to be tried, of shape (how many, values of w_0, m).

    With some, the level of a block has its width, exactly or at the edge of what is rounded to it.
    The others are even, but moved to where a width of level 1 is about to change: errors that
    balance are least at such edges.
    """
    corners = np.array(_CORNERS, np.float32)[:, None]
    widths = np.log(np.maximum(0.51, np.exp(tried.widths)[:, None] + corners))
    slopes = (widths[:, :, None] - np.log(w_0)) / np.maximum(tried.levels, 1)[:, None, None]
    evenly = (
        tried.low
        + (tried.high - tried.low) * np.linspace(0, 1, _EVENLY, dtype=np.float32)[:, None, None]
    )
    evenly = np.log((np.rint(np.exp(evenly) * w_0)[:, None] + corners[1:, None]) / w_0)
    return np.concatenate([values.reshape(-1, *w_0.shape) for values in (slopes, evenly)])


def _finished(observed, sequences, network, row, w_0, slopes):
    """Find the best fit of each network near those given: w_0, w_a / w_0 and w_m, of shape (n, )."""
    w_0, slopes, levels = (
        w_0.astype(float),
        slopes.astype(float),
        sequences.levels[row].astype(float),
    )
    low, high = (
        np.maximum(slopes - _NEAR, sequences.low[row]),
        np.minimum(slopes + _NEAR, sequences.high[row]),
    )
    coarse = _COARSELY_ROUNDED / WIDTH_STEP
    for narrowest, widest in ((0, coarse), (coarse, np.inf)):
        owner, low, high = _plateaus(w_0, levels[:, -1], low, high, narrowest, widest)
        network, w_0, levels, slopes = network[owner], w_0[owner], levels[owner], (low + high) / 2
        widths = np.rint(w_0[:, None] * np.exp(slopes[:, None] * levels))
        best = _best(np.abs(np.log(widths) - observed[network]).mean(axis=1), network, 1)
        best = best[np.argsort(network[best])]
        network, w_0, levels, slopes, low, high = (
            values[best] for values in (network, w_0, levels, slopes, low, high)
        )
    return WIDTH_STEP * w_0, _ratio(levels, slopes), np.exp(slopes)


def _plateaus(w_0, top, low, high, narrowest, widest):
    """The intervals of ln w_m in which no level's rounded width changes from the narrowest on to
    the widest.

    Widths are in multiples of 8; `top` is the highest level. Returns whose the intervals are, and
    their ends.
    """
    level = np.arange(1, max(1, int(top.max())) + 1)
    first, last = (
        np.ceil(np.clip(w_0[:, None] * np.exp(end[:, None] * level), narrowest, widest) - 0.5)
        for end in (low, high)
    )
    count = np.where(level <= top[:, None], last - first, 0).astype(int)
    place, steps = ranges(first.ravel().astype(int), count.ravel())
    owner, place = np.divmod(place, len(level))
    ends = np.concatenate([low, high, np.log((steps + 0.5) / w_0[owner]) / level[place]])
    owner = np.concatenate([np.arange(len(w_0)), np.arange(len(w_0)), owner])
    order = np.lexsort((ends, owner))
    owner, ends = owner[order], ends[order]
    same = owner[1:] == owner[:-1]
    return owner[1:][same], ends[:-1][same], ends[1:][same]


def _ratio(levels, slopes):
    """A value of w_a / w_0 that gives the levels with the slopes ln w_m."""
    level = np.arange(1, levels.max() + 2)
    # block with a level; d where there is none
    first = np.count_nonzero(levels[:, None] < level[:, None], axis=2)
    steps = np.expm1(slopes[:, None] * (level - 0.5))
    least = np.where(first < levels.shape[1], steps / first, 0).max(axis=1)
    with np.errstate(divide='ignore'):
        last = np.where(first > 1, steps / (first - 1), WIDEST).min(axis=1)
    return np.sqrt(least * last)
