"""Errors at equal complexity: the weights of the complexity-normalised EDF (2019 paper)."""

from dataclasses import dataclass
from typing import Iterable, Optional

import numpy as np
from numpy.typing import ArrayLike

# few networks lie further out, and a range that followed them would have empty bins
_CENTRAL = (0.025, 0.975)
_FEWEST = 2  # with one bin all weights are equal


@dataclass(frozen=True)
class Bins:
    """Equal bins of complexity.

    Attributes:
        low, high (float): ends of the range; networks strictly inside count.
        bins (int): number of bins.
    """

    low: float
    high: float
    bins: int


def complexity_weights(complexity: ArrayLike, low: float, high: float, bins: int) -> np.ndarray:
    """Weigh networks so that complexity is spread evenly over a range: `edf(errors, weights)` is
    then normalised.

    The range is split into equal bins; a network weighs 1 / (bins * networks in its bin) (2019
    paper, its notebooks).

    Args:
        complexity (array_like): n numbers, such as flops or parameters; NaN where unknown.
        low, high (float): networks strictly between count, others (and unknown ones) have weight 0.
        bins (int): at least 1.

    Returns:
        np.ndarray: n weights, their sum is 1.

    Raises:
        ValueError: if the range or the number of bins makes no sense, or a bin is empty: it names
            the bins.
    """
    if not -np.inf < low < high < np.inf or bins < 1:
        raise ValueError(
            f'low must be below high and bins at least 1, but low={low}, high={high}, bins={bins}'
        )
    complexity = np.asarray(complexity, dtype=float)
    inside = (complexity > low) & (complexity < high)
    position = _bins(complexity[inside], low, high, bins)
    counts = np.bincount(position, minlength=bins)
    if not counts.all():
        step = (high - low) / bins
        empty = ', '.join(
            f'{low + k * step:.6g} to {low + (k + 1) * step:.6g}'
            for k in np.flatnonzero(counts == 0)
        )
        raise ValueError(
            f'every bin of complexity must have a network, but of {bins} bins these have none: '
            f'{empty}'
        )
    weights = np.zeros(complexity.shape)
    weights[inside] = 1 / (bins * counts[position])
    return weights


def common_bins(complexities: Iterable[ArrayLike], most: int = 40) -> Optional[Bins]:
    """Choose the finest bins that several populations fill, for `complexity_weights`.

    The range is the one that the central 95% of every population share (ours: the 2019 paper chose
    by hand).

    Args:
        complexities (Iterable[array_like]): numbers per population; NaN where unknown.
        most (int): most bins. Default: 40, as for ResNeXt-A against ResNeXt-B in the 2019 paper.

    Returns:
        Bins | None: None where no range is shared, or not even two bins of it are filled by all.
    """
    known = [
        values[np.isfinite(values)]
        for values in (np.asarray(column, dtype=float) for column in complexities)
    ]
    if not known or not all(map(len, known)):
        return None
    lows, highs = zip(*(np.quantile(values, _CENTRAL) for values in known))
    low, high = float(max(lows)), float(min(highs))
    if not low < high:
        return None
    inside = [values[(values > low) & (values < high)] for values in known]
    fewest = min(map(len, inside))
    for bins in range(min(most, fewest), _FEWEST - 1, -1):
        if all(
            np.bincount(_bins(values, low, high, bins), minlength=bins).all() for values in inside
        ):
            return Bins(low, high, bins)
    return None


def _bins(complexity, low, high, bins):
    """Numbers of the bins; what lies below high may be rounded to it."""
    return np.minimum(((complexity - low) / (high - low) * bins).astype(int), bins - 1)
