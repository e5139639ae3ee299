"""The quantized linear function that fits a network best (section 3.3, figure 8), and how well it does.

The level of block j, round(ln(1 + r j) / ln w_m) with r = w_a / w_0, does not depend on w_0: it steps up to k where r
passes (w_m ** (k - 1/2) - 1) / j. So a w_m gives finitely many sequences of levels, one between any two of these values
of r, and all of them are tried. The grid is one of w_m: from 1.1 to 8 in steps of 1%; then, within 1% of the best, one
value for each set of widths that rounding to multiples of 8 makes. The sequences are ranked by their squared error with
the best real w_0, which is one matrix product; for those ahead the error itself is computed, with w_0 the two multiples
of 8 below and above the median that fits best.
"""
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from regnet_plugin.quantized_linear import WIDTH_STEP, quantized_linear

_GRID = tuple(1.1 * 1.01**step for step in range(200))
_FINER, _FINEST = 0.01, 100  # how far around a w_m; at most about so many values there, where small w_m have thousands
_COARSELY_ROUNDED = 2500  # above, rounding to a multiple of 8 changes a width by less than 0.2%
_AHEAD, _STARTS = 400, 4  # sequences whose error is computed; values of w_m that are refined
_AROUND = (-1, 0, 1, 2)  # multiples of 8 around the median w_0: rounded widths may like another one better
_DEEPEST = 256
_WIDEST = 512  # last u_j by first, at most; AnyNet's widths reach 128


@dataclass(frozen=True)
class Fit:
    """Parameters of the best fit, and the mean over the blocks of |ln(predicted width / width)|."""

    w_0: int
    w_a: float
    w_m: float
    e_fit: float


def e_fit(predicted, observed):
    """The distance of two networks' block widths: mean |ln(predicted / observed)| over the last axis.

    The paper says "mean log-ratio"; absolute values are our reading, since signed ones would cancel.
    """
    return np.abs(np.log(np.asarray(predicted) / np.asarray(observed))).mean(axis=-1)


def fit(architecture):
    """Fit the quantized linear function to the widths of a network's blocks, before the group-width rule.

    Args:
        architecture (Architecture): of any widths and depths; the fit may have another number of stages.

    Returns:
        Fit: w_0 a multiple of 8, w_a >= 0.

    Raises:
        ValueError: if the network has more than 256 blocks, for which the grid is not made.
    """
    if architecture.depth > _DEEPEST:
        raise ValueError(f'a network must have at most {_DEEPEST} blocks to be fitted, but it has {architecture.depth}')
    observed = np.log(np.repeat(architecture.widths, architecture.depths))
    coarse = _best(observed, _coarse(architecture.depth))
    grid = np.unique(np.concatenate([_finer(architecture.depth, *start[1:]) for start in coarse[:_STARTS]]))
    _, w_m, w_0, ratio = min(coarse[:1] + _best(observed, _sequences(architecture.depth, grid))[:1])
    w_a = ratio * w_0
    predicted = quantized_linear(architecture.depth, w_0, w_a, w_m).widths[0]
    return Fit(int(w_0), float(w_a), float(w_m), float(e_fit(predicted, np.exp(observed))))


@dataclass(frozen=True)
class _Sequences:
    """Sequences of levels, with the w_m and w_a / w_0 that give each one."""

    w_m: np.ndarray
    ratios: np.ndarray
    levels: np.ndarray


def _sequences(depth, grid):
    """All sequences of levels that the values of w_m can give to a number of blocks."""
    w_m, ratios, levels = zip(*((np.full(len(inside), value), inside, _levels(depth, value, inside))
                                for value in grid for inside in [_inside(depth, value)]))
    return _Sequences(np.concatenate(w_m), np.concatenate(ratios), np.concatenate(levels))


@lru_cache(maxsize=4)
def _coarse(depth):
    return _sequences(depth, _GRID)


def _finer(depth, w_m, w_0, ratio):
    """Values of w_m within 1%, one for each set of rounded widths of the fit below 2500, where rounding is felt."""
    low, high = w_m * (1 - _FINER), w_m * (1 + _FINER)
    last = min(np.log1p(ratio * (depth - 1)), np.log(max(1, _COARSELY_ROUNDED / w_0)))
    powers = np.arange(1, int(np.rint(last / np.log(w_m))) + 1)
    steps = [np.arange(np.ceil(w_0 * low**k / WIDTH_STEP - 0.5), np.floor(w_0 * high**k / WIDTH_STEP - 0.5) + 1)
             for k in powers]
    changes = [((count + 0.5) * WIDTH_STEP / w_0) ** (1 / k) for k, count in zip(powers, steps)]
    ends = np.unique(np.concatenate([[low, high], *changes]))
    values = (ends[:-1] + ends[1:]) / 2
    return values[::max(1, len(values) // _FINEST)]


def _inside(depth, w_m):
    """A value of w_a / w_0 in each interval without a step."""
    top = np.arange(1, int(np.log(_WIDEST) / np.log(w_m) + 0.5) + 1)
    ends = ((w_m ** (top[:, None] - 0.5) - 1) / np.arange(1, max(2, depth))).ravel()
    ends = np.sort(ends[ends * (depth - 1) < _WIDEST])
    return np.concatenate([[0.0], (ends[:-1] + ends[1:]) / 2, ends[-1:] * 1.0001])


def _levels(depth, w_m, ratios):
    return np.rint(np.log1p(ratios[:, None] * np.arange(depth)) / np.log(w_m)).astype(np.float32)


def _best(observed, sequences):
    """The best fit for each of the best values of w_m, as (e_fit, w_m, w_0, w_a / w_0), ascending."""
    slopes = np.log(sequences.w_m)
    levels, centred = sequences.levels, (observed - observed.mean()).astype(np.float32)
    mean = levels.mean(axis=1)
    spread = np.einsum('ij,ij->i', levels, levels) / len(observed) - mean**2
    squared = slopes**2 * spread - 2 * slopes * (levels @ centred) / len(observed)  # but for the variance of the widths
    rows = np.argpartition(squared, min(_AHEAD, len(squared) - 1))[:_AHEAD]
    errors, w_0 = _errors(observed, levels[rows].astype(np.int64), sequences.w_m[rows])
    best = {}
    for entry in sorted(zip(errors.tolist(), sequences.w_m[rows].tolist(), w_0.tolist(), sequences.ratios[rows].tolist())):
        best.setdefault(entry[1], entry)
    return list(best.values())


def _errors(observed, levels, w_m):
    """Mean |ln(predicted / observed)| of each sequence, and the w_0 that gives it."""
    starts = np.exp(np.median(observed - levels * np.log(w_m)[:, None], axis=1)) / WIDTH_STEP
    w_0 = WIDTH_STEP * np.maximum(1, np.floor(starts) + np.array(_AROUND)[:, None])
    powers = w_m[:, None] ** levels
    predicted = WIDTH_STEP * np.rint(w_0[:, :, None] * powers / WIDTH_STEP)
    errors = np.abs(np.log(predicted) - observed).mean(axis=2)
    choice = errors.argmin(axis=0), np.arange(len(levels))
    return errors[choice], w_0[choice]
