"""Efficiency of random search (figure 9, right): the best error of so many random networks.

All is computed in closed form, nothing is drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from regnet_plugin.analysis.edf import EDF, edf

# Probabilities that are held at a time: a table of draws by errors is five times slower where it
# does not fit into the cache.
_CELLS = 2**15
_NEVER = 1e-20  # a probability that adds nothing to a sum

# The chance that all networks of a draw are among some: of k shares of networks and m numbers of
# draws, as an array of shape (m, k).
_AllAmong = Callable[[NDArray[np.float64], NDArray[np.int_]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Search:
    """Best error of random networks.

    Attributes:
        draws: k numbers of networks.
        mean: k expected best errors; NaN without networks, inf where all that are drawn may have
            failed.
        deviation: k standard deviations of the best error; NaN where the mean is not finite.
    """

    draws: NDArray[np.int_]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def best_of(
    errors: ArrayLike,
    draws: ArrayLike,
    weights: ArrayLike | None = None,
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
        errors: n numbers; +inf for failed networks that count.
        draws: k integers >= 1, or one; at most n without replacement.
        weights: n numbers >= 0, to draw in proportion to. Default: all equal.
        replacement: whether a network may be drawn again. Default: True, as in the 2019 paper.

    Returns:
        Mean and deviation of the best error, for each of the draws.

    Raises:
        ValueError: if errors, draws or weights are out of range, or there are weights but no
            replacement.
    """
    numbers = _checked_draws(draws)
    if weights is not None and not replacement:
        raise ValueError(
            'weights must be None without replacement, for which there is no closed form'
        )
    f = edf(errors, weights)
    if not f.n:
        unknown = np.full(len(numbers), np.nan)
        return Search(numbers, unknown, unknown.copy())
    if replacement:
        mean, deviation = _moments(f, numbers, _all_among)
        return Search(numbers, mean, deviation)
    if (numbers > f.n).any():
        raise ValueError(
            f'draws must be at most n = {f.n} without replacement, but they are up to '
            f'{numbers.max()}'
        )
    mean, deviation = _moments(
        f, numbers, lambda shares, draws: _all_among_different(shares, draws, f.n)
    )
    return Search(numbers, mean, deviation)


def draws_needed(errors: ArrayLike, tolerance: float) -> int | None:
    """Find how many random networks suffice: "about 32" in figure 9.

    Args:
        errors: n numbers; +inf for failed networks that count.
        tolerance: above 0, in the unit of the errors.

    Returns:
        The least number of draws with replacement whose expected best error is within the tolerance
        of the population's minimum; None without networks or where failed ones count, since all
        draws may fail.

    Raises:
        ValueError: if errors are NaN or -inf, or the tolerance is not positive.
    """
    if not tolerance > 0:
        raise ValueError(f'tolerance must be above 0, but it is {tolerance}')
    f = edf(errors)
    if not np.isfinite(f.mean):
        return None
    tails, gaps = _tails(f)

    def suffice(draws: int) -> bool:
        above_minimum = _all_among(tails, np.array([draws]))[0] @ gaps
        return bool(above_minimum <= tolerance)

    # doubled until they suffice, then halved between too few and enough
    too_few, enough = 0, 1
    while not suffice(enough):
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if suffice(middle):
            enough = middle
        else:
            too_few = middle
    return enough


def _checked_draws(draws: ArrayLike) -> NDArray[np.int_]:
    """Make an array of shape (k,) of one number of draws, or of k of them."""
    numbers = np.atleast_1d(np.asarray(draws))
    one_or_more = numbers.ndim == 1 and len(numbers) > 0
    whole = np.issubdtype(numbers.dtype, np.integer)
    if not one_or_more or not whole or (numbers < 1).any():
        raise ValueError(f'draws must be integers of at least 1, but they are {numbers}')
    return numbers


def _tails(f: EDF) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Describe the steps of an EDF, of k different finite errors.

    Returns:
        k - 1 shares of the networks whose error is at least the second, the third, … different
        error, and the k - 1 gaps below these errors.
    """
    x, below = f.steps()
    return 1 - below[:-1], np.diff(x)


def _moments(
    f: EDF, draws: NDArray[np.int_], all_among: _AllAmong
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute mean and standard deviation of the best error, each of shape (len(draws),).

    Both are summed as distances from the least error, so that little cancels.
    """
    x, below = f.steps()
    if not len(x):  # all networks failed
        return np.full(len(draws), np.inf), np.full(len(draws), np.nan)
    tails, gaps = _tails(f)
    terms = np.stack([gaps, np.diff((x - x[0]) ** 2)], axis=1)
    distance, squared_distance = _expected(terms, tails, draws, all_among).T
    deviation = np.sqrt(np.maximum(squared_distance - distance**2, 0))
    share_of_failed = 1 - below[-1:]
    finite = all_among(share_of_failed, draws)[:, 0] == 0  # not all that are drawn can have failed
    return np.where(finite, x[0] + distance, np.inf), np.where(finite, deviation, np.nan)


def _expected(
    terms: NDArray[np.float64],
    tails: NDArray[np.float64],
    draws: NDArray[np.int_],
    all_among: _AllAmong,
) -> NDArray[np.float64]:
    """Sum terms, of shape (k - 1, 2), times the chances that all draws are among their tails.

    Returns:
        Array of shape (len(draws), 2).
    """
    rows = max(1, _CELLS // max(1, len(tails)))
    sums = []
    for start in range(0, len(draws), rows):
        part = draws[start : start + rows]
        # of many draws the best is among few networks
        matter = np.count_nonzero(tails > _NEVER ** (1 / part.min()))
        sums.append(all_among(tails[:matter], part) @ terms[:matter])
    return np.concatenate(sums)


def _all_among(shares: NDArray[np.float64], draws: NDArray[np.int_]) -> NDArray[np.float64]:
    """Chance that all draws with replacement are among a share T of the networks: T^m.

    Returns:
        Array of shape (len(draws), len(shares)).
    """
    with np.errstate(divide='ignore'):  # a share of 0 is never reached
        chances: NDArray[np.float64] = np.exp(np.multiply.outer(draws, np.log(shares)))
    return chances


def _all_among_different(
    shares: NDArray[np.float64], draws: NDArray[np.int_], n: int
) -> NDArray[np.float64]:
    """Chance that all draws without replacement are among a share T of n: C(n T, m) / C(n, m).

    Returns:
        Array of shape (len(draws), len(shares)).
    """
    count = np.rint(shares * n)
    m = draws[:, None]
    logarithm = gammaln(count + 1) - gammaln(count - m + 1) - gammaln(n + 1) + gammaln(n - m + 1)
    chances: NDArray[np.float64] = np.exp(logarithm)
    return chances
