"""How much of the error a parameter explains, and the errors along its values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from regnet_plugin.analysis.inputs import columns_of_equal_length

_MOST_BINS = 6  # in which a curve is seen, and single networks do not weigh much
_FEWEST = 5  # networks in a bin, so that it has quartiles
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Bin:
    """Networks with neighbouring values of a parameter.

    Attributes:
        least, most: their values, from and to.
        n: how many there are.
        low, median, high: quartiles of their errors.
    """

    least: float
    most: float
    n: int
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Explained:
    """What a parameter has to do with the error.

    Attributes:
        share: of the variance of the errors' ranks that lies between the bins, less what bins of
            random networks would have: 0 where there is nothing, below 0 by chance, 1 at most; NaN
            where it is not known.
        p_value: of the test of Kruskal and Wallis that the bins do not differ; NaN likewise.
        bins: by rising values.
    """

    share: float
    p_value: float
    bins: tuple[Bin, ...]


def explained(values: ArrayLike, errors: ArrayLike) -> Explained:
    """Split networks by a parameter, and say how much of the error that explains.

    Of few values each is a bin; of many, bins have about equally many networks. The share is
    epsilon squared, (H - k + 1) / (n - k) for the statistic H of k bins of n networks (Kelley 1935;
    Tomczak and Tomczak 2014): what is to be expected by chance is taken off.

    Args:
        values: n numbers; NaN where unknown.
        errors: n errors; +inf for failed networks, which are the worst.

    Returns:
        The share and the bins; with fewer than two bins nothing is known.

    Raises:
        ValueError: if both are not one-dimensional and equally long.
    """
    of_all, errors_of_all = columns_of_equal_length(values=values, errors=errors)
    known = np.isfinite(of_all) & ~np.isnan(errors_of_all)
    order = np.argsort(of_all[known], kind='stable')
    sorted_values, sorted_errors = of_all[known][order], errors_of_all[known][order]
    ends = _ends(sorted_values)
    parts = np.split(sorted_errors, ends[:-1])
    starts = [0, *ends[:-1]]
    bins = tuple(
        _bin(sorted_values[start:end], part) for start, end, part in zip(starts, ends, parts)
    )
    n, k = len(sorted_errors), len(bins)
    if k < 2 or n <= k or len(np.unique(sorted_errors)) < 2:
        return Explained(np.nan, np.nan, bins)
    test = stats.kruskal(*parts)
    share = (float(test.statistic) - k + 1) / (n - k)
    return Explained(share, float(test.pvalue), bins)


def _ends(values: NDArray[np.float64]) -> list[int]:
    """Where each bin of ascending values ends; equal values are in one bin."""
    if not len(values):
        return []
    last_of_each = [*(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    if len(last_of_each) <= _MOST_BINS:
        return last_of_each
    number = min(_MOST_BINS, max(1, len(values) // _FEWEST))
    wanted = np.linspace(0, len(values), number + 1)[1:]
    nearest = [min(last_of_each, key=lambda end: abs(end - place)) for place in wanted]
    return sorted({*nearest, len(values)})


def _bin(values: NDArray[np.float64], errors: NDArray[np.float64]) -> Bin:
    # quantiles that are networks' own errors: between a number and +inf there is no other
    low, median, high = np.quantile(errors, _QUARTILES, method='inverted_cdf')
    return Bin(
        float(values[0]), float(values[-1]), len(values), float(low), float(median), float(high)
    )
