"""Errors at equal complexity: the weights of the complexity-normalised EDF (2019 paper)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Quantiles that end the range of a population. Few networks lie further out, and a range that
# followed them would have empty bins.
_CENTRAL = (0.025, 0.975)
_FEWEST = 2  # bins; with one of them all weights are equal


@dataclass(frozen=True)
class Bins:
    """Equal bins of complexity.

    Attributes:
        low, high: ends of the range, in the unit of the complexity; networks strictly inside count.
        bins: number of bins.
    """

    low: float
    high: float
    bins: int


def complexity_weights(
    complexity: ArrayLike, low: float, high: float, bins: int
) -> NDArray[np.float64]:
    """Weigh networks so that complexity is spread evenly over a range.

    `edf(errors, weights)` is then normalised. The range is split into equal bins; a network weighs
    1 / (bins * networks in its bin) (2019 paper, its notebooks).

    Args:
        complexity: n numbers, such as flops or parameters; NaN where unknown.
        low, high: networks strictly between count, others (and unknown ones) have weight 0.
        bins: number of bins, at least 1.

    Returns:
        n weights, their sum is 1.

    Raises:
        ValueError: if the range or the number of bins makes no sense, or a bin is empty: it names
            the bins.
    """
    if not -np.inf < low < high < np.inf or bins < 1:
        raise ValueError(
            f'low must be below high and bins at least 1, but low={low}, high={high}, bins={bins}'
        )
    complexity = np.asarray(complexity, dtype=np.float64)
    inside = (complexity > low) & (complexity < high)
    bin_of_each = _bin_of_each(complexity[inside], low, high, bins)
    counts = np.bincount(bin_of_each, minlength=bins)
    if not counts.all():
        step = (high - low) / bins
        empty = [
            f'{low + k * step:.6g} to {low + (k + 1) * step:.6g}'
            for k in np.flatnonzero(counts == 0)
        ]
        raise ValueError(
            f'every bin of complexity must have a network, but of {bins} bins these have none: '
            f'{", ".join(empty)}'
        )
    weights = np.zeros(complexity.shape)
    weights[inside] = 1 / (bins * counts[bin_of_each])
    return weights


def common_bins(complexities: Iterable[ArrayLike], most: int = 40) -> Bins | None:
    """Choose the finest bins that several populations fill, for `complexity_weights`.

    The range is the one that the central 95% of every population share (ours: the 2019 paper chose
    by hand).

    Args:
        complexities: numbers per population; NaN where unknown.
        most: number of bins at most. Default: 40, as for ResNeXt-A against ResNeXt-B in the 2019
            paper.

    Returns:
        None where no range is shared, or not even two bins of it are filled by all.
    """
    known = []
    for complexity in complexities:
        values = np.asarray(complexity, dtype=np.float64)
        known.append(values[np.isfinite(values)])
    if not known or any(len(values) == 0 for values in known):
        return None

    ends = np.array([np.quantile(values, _CENTRAL) for values in known])
    low, high = float(ends[:, 0].max()), float(ends[:, 1].min())
    if not low < high:
        return None

    inside = [values[(values > low) & (values < high)] for values in known]
    fewest_networks = min(len(values) for values in inside)
    for bins in range(min(most, fewest_networks), _FEWEST - 1, -1):
        if all(_fill_all(values, low, high, bins) for values in inside):
            return Bins(low, high, bins)
    return None


def _fill_all(complexity: NDArray[np.float64], low: float, high: float, bins: int) -> bool:
    """Whether each bin has a network."""
    counts = np.bincount(_bin_of_each(complexity, low, high, bins), minlength=bins)
    return bool(counts.all())


def _bin_of_each(
    complexity: NDArray[np.float64], low: float, high: float, bins: int
) -> NDArray[np.int_]:
    """Number of the bin of each network, from 0; they all lie strictly inside the range."""
    numbers = ((complexity - low) / (high - low) * bins).astype(int)
    numbers[numbers == bins] = bins - 1  # what lies below high may be rounded to it
    return numbers
