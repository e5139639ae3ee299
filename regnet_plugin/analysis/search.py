"""Efficiency of random search (figure 9, right): the error of the best of so many random networks,
in closed form.
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from regnet_plugin.analysis.edf import edf

# powers that are held at a time; five times slower where they do not fit into the cache
_CELLS = 2**15
_NEVER = 1e-20  # a probability that adds nothing to a sum


@dataclass(frozen=True, eq=False)
class Search:
    """Best error of random networks.

    Attributes:
        draws (np.ndarray): k numbers of networks.
        mean (np.ndarray): k expected best errors; NaN without networks, inf where all that are
            drawn may have failed.
        deviation (np.ndarray): k standard deviations of the best error; NaN where the mean is not
            finite.
    """

    draws: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


def best_of(
    errors: ArrayLike,
    draws: ArrayLike,
    weights: Optional[ArrayLike] = None,
    *,
    replacement: bool = True,
) -> Search:
    """Compute the expected best error of networks drawn at random, and its spread.

    The best of m has at least the error x if all m have: with replacement the probability is
    T(x)^m, without it is C(n T(x), m) / C(n, m), where T(x) is the share of networks with at least
    this error. So the mean is the least error plus the sum over the gaps between neighbouring
    errors of gap * probability. (How figure 9 was made is not said; the 2019 paper draws with
    replacement and simulates.)

    Args:
        errors (array_like): n numbers; +inf for failed networks that count.
        draws (array_like): k integers >= 1, or one; at most n without replacement.
        weights (array_like, optional): n numbers >= 0, to draw in proportion to.
        replacement (bool): whether a network may be drawn again. Default: True, as in the 2019
            paper.

    Returns:
        Search: ``mean`` and ``deviation`` of the best error, for each of the draws.

    Raises:
        ValueError: if errors, draws or weights are out of range, or there are weights but no
            replacement.
    """
    draws = np.atleast_1d(np.asarray(draws))
    if (
        draws.ndim != 1
        or not len(draws)
        or not np.issubdtype(draws.dtype, np.integer)
        or (draws < 1).any()
    ):
        raise ValueError(f'draws must be integers of at least 1, but they are {draws}')
    if weights is not None and not replacement:
        raise ValueError(
            'weights must be None without replacement, for which there is no closed form'
        )
    f = edf(errors, weights)
    if not f.n:
        return Search(draws, np.full(len(draws), np.nan), np.full(len(draws), np.nan))
    if not replacement and (draws > f.n).any():
        raise ValueError(
            f'draws must be at most n = {f.n} without replacement, but they are up to {draws.max()}'
        )
    reached = _powers if replacement else lambda tails, some: _without_replacement(tails, some, f.n)
    return Search(draws, *_moments(f, draws, reached))


def draws_needed(errors: ArrayLike, tolerance: float) -> Optional[int]:
    """Find how many random networks suffice: "about 32" in figure 9.

    Args:
        errors (array_like): n numbers; +inf for failed networks that count.
        tolerance (float): above 0, in the unit of the errors.

    Returns:
        int | None: least number of draws with replacement whose expected best error is within the
        tolerance of the population's minimum; None without networks or where failed ones count,
        since all draws may fail.

    Raises:
        ValueError: if errors are NaN or -inf, or the tolerance is not positive.
    """
    if not tolerance > 0:
        raise ValueError(f'tolerance must be above 0, but it is {tolerance}')
    f = edf(errors)
    if not np.isfinite(f.mean):
        return None
    tails, gaps = _tails(f)
    few, enough = 0, 1
    while _powers(tails, [enough])[0] @ gaps > tolerance:
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (
            (few, middle) if _powers(tails, [middle])[0] @ gaps <= tolerance else (middle, enough)
        )
    return enough


def _tails(f):
    """Share of networks whose error is at least the second, the third … different error; the gap
    below it.
    """
    x, below = f.steps()
    return 1 - below[:-1], np.diff(x)


def _moments(f, draws, reached):
    """Mean and standard deviation; both by the distance from the least error, so that little
    cancels.
    """
    x, below = f.steps()
    if not len(x):
        return np.full(len(draws), np.inf), np.full(len(draws), np.nan)
    tails, gaps = _tails(f)
    terms = np.stack([gaps, np.diff((x - x[0]) ** 2)], axis=1)
    rows = max(1, _CELLS // max(1, len(tails)))
    parts = []
    for start in range(0, len(draws), rows):
        part = draws[start : start + rows]
        # of many draws the best is among few networks
        matter = np.count_nonzero(tails > _NEVER ** (1 / part.min()))
        parts.append(reached(tails[:matter], part) @ terms[:matter])
    mean, squared = np.concatenate(parts).T
    finite = reached(1 - below[-1:], draws)[:, 0] == 0  # not all that are drawn can have failed
    deviation = np.sqrt(np.maximum(squared - mean**2, 0))
    return np.where(finite, x[0] + mean, np.inf), np.where(finite, deviation, np.nan)


def _powers(tails, draws):
    with np.errstate(divide='ignore'):  # a share of 0 is never reached
        return np.exp(np.multiply.outer(draws, np.log(tails)))


def _without_replacement(tails, draws, n):
    count, draws = np.rint(tails * n), np.asarray(draws)[:, None]
    return np.exp(
        gammaln(count + 1) - gammaln(count - draws + 1) - gammaln(n + 1) + gammaln(n - draws + 1)
    )
