"""Types of arrays, and two operations on them that numpy has not."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
ShortFloats = NDArray[np.float32]
Integers = NDArray[np.int64]


def ranges(first: ArrayLike, count: ArrayLike) -> tuple[Integers, Integers]:
    """Return n ranges of whole numbers in one row, and which range each number belongs to.

    Args:
        first: the number that each range begins with, shape (n, ).
        count: how many numbers each range has, shape (n, ).

    Returns:
        Places of the ranges, from 0, and the numbers; both of shape (sum of the counts, ).
    """
    firsts, counts = np.asarray(first), np.asarray(count)
    owner = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts  # where each range begins in the row
    return owner, np.arange(len(owner)) - np.repeat(starts - firsts, counts)


def least_of_each(errors: NDArray[np.floating], network: Integers, count: int) -> Integers:
    """Return the places of each network's least errors, in ascending order.

    Args:
        errors: of m candidates, shape (m, ).
        network: which network each is for, shape (m, ).
        count: how many of each network; fewer where it has fewer.
    """
    order = np.lexsort((errors, network))
    first_of_network = np.searchsorted(network[order], network[order])
    rank = np.arange(len(order)) - first_of_network
    return np.sort(order[rank < count])
