"""What spaces are compared by: mean error, median, the best of n, or the share below an error.

Each is made the mean of values that the networks have: the errors themselves, or what the statistic
gains by each network. So one estimate of a mean, with all that is known of untrained networks,
serves them all.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.adjustment.adjusted import AdjustedMean, adjusted_mean
from regnet_plugin.analysis.adjustment.estimates import Estimate
from regnet_plugin.analysis.adjustment.pooled import pooled_difference
from regnet_plugin.analysis.adjustment.sample import Sample
from regnet_plugin.analysis.inputs import error_array
from regnet_plugin.analysis.search import best_of

KINDS = ('mean', 'median', 'best', 'below')
_HALF_WIDTH = 0.98  # in sqrt(n) ranks: of a 95% interval of a median, whose width tells the density


@dataclass(frozen=True)
class Statistic:
    """A number that says how good a space is.

    Attributes:
        kind: 'mean' or 'median' error, the expected error of the 'best' of some random networks, or
            the share of networks 'below' an error.
        number: of the random networks, a whole number from 1, or the error; None for the others.

    Raises:
        ValueError: if the number is missing, out of range, or one too many.
    """

    kind: str = 'mean'
    number: float | None = None

    def __post_init__(self) -> None:
        rule = 'a statistic must be mean, median, best:N or below:ERROR'
        if self.kind not in KINDS or (self.number is None) != (self.kind in ('mean', 'median')):
            raise ValueError(f'{rule}, but it is {self.text}')
        if self.kind == 'best' and not (self.number and self.number >= 1 and self.number % 1 == 0):
            raise ValueError(f'{rule}, with N a whole number from 1, but it is {self.text}')
        if self.number is not None and not math.isfinite(self.number):
            raise ValueError(f'{rule}, with a finite number, but it is {self.text}')

    @classmethod
    def of_text(cls, text: str) -> 'Statistic':
        """Read 'mean', 'median', 'best:16' or 'below:12.5'.

        Raises:
            ValueError: if it is something else.
        """
        kind, given, number = text.partition(':')
        try:
            return cls(kind, float(number) if given else None)
        except ValueError:
            raise ValueError(
                'a statistic must be mean, median, best:N, with N a whole number from 1, or '
                f'below:ERROR, but it is {text!r}'
            ) from None

    @property
    def text(self) -> str:
        """As `of_text` reads it."""
        return self.kind if self.number is None else f'{self.kind}:{self.number:g}'

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        if self.kind == 'best':
            return f'expected error of the best of {self.number:g}'
        if self.kind == 'below':
            return f'share of networks below {self.number:g}'
        return f'{self.kind} error'

    @property
    def more_is_better(self) -> bool:
        """Whether the larger of two is the better one."""
        return self.kind == 'below'

    @property
    def fewest(self) -> int:
        """Errors from which on it is estimated."""
        # Of fewer the best of some hangs on two or three networks, and nothing tells how much it
        # varies: of 2 N networks three times as many pairs of one law are below a p of 0.01.
        return 4 * int(self.number or 1) if self.kind == 'best' else 2


@dataclass(frozen=True, eq=False)
class SampledErrors:
    """A sample of a space, of which a random part is trained.

    Attributes:
        errors: N numbers; NaN for networks that are not trained.
        features: what is known of them, of shape (N, features), see `adjusted_mean`.
        failed: N booleans, networks that failed and do not count.
    """

    errors: NDArray[np.float64]
    features: NDArray[np.float64]
    failed: NDArray[np.bool_]


def values_of(errors: ArrayLike, statistic: Statistic) -> NDArray[np.float64]:
    """Give values of networks whose mean is a statistic, and whose spread tells how sure it is.

    Of the median they are its influence function, with the density by the width of an interval of
    ranks (Bloch and Gastwirth 1968); of the best of some, which is a mean over all subsets of so
    many, the pseudo-values of the jackknife.

    Args:
        errors: n finite numbers.
        statistic: which one.

    Returns:
        n numbers; percent of a share; NaN where there are fewer errors than it needs.
    """
    errors = error_array(errors)
    if len(errors) < statistic.fewest:
        return np.full(len(errors), np.nan)
    if statistic.kind == 'median':
        return _influence_on_median(errors)
    if statistic.kind == 'best':
        return _pseudo_values_of_best(errors, int(statistic.number or 1))
    if statistic.kind == 'below':
        return np.where(errors < (statistic.number or 0.0), 100.0, 0.0)
    return errors


def difference_of(
    first: SampledErrors,
    second: SampledErrors,
    statistic: Statistic = Statistic(),
    level: float = 0.95,
) -> Estimate:
    """Estimate by how much a statistic of one space is above that of another one.

    It uses what is known of untrained networks where there are enough trainings for that, see
    `pooled_difference`. This is the one place where the difference of two spaces is estimated while
    networks are trained.

    Args:
        first, second: samples of the spaces, each drawn by itself, of which the same is known.
        statistic: which one. Default: the mean error.
        level: confidence of the interval, between 0 and 1. Default: 0.95.

    Returns:
        The estimate; NaN where there are too few errors.

    Raises:
        ValueError: if not the same is known of both, or the level is out of range.
    """
    one, other = (
        Sample.of(_values(sample, statistic), sample.features, sample.failed)
        for sample in (first, second)
    )
    return pooled_difference(one, other, level)


def mean_of(
    sample: SampledErrors, statistic: Statistic = Statistic(), level: float = 0.95
) -> AdjustedMean:
    """Estimate a statistic of one space.

    Args:
        sample: of the space.
        statistic: which one. Default: the mean error.
        level: confidence of the intervals, between 0 and 1. Default: 0.95.
    """
    return adjusted_mean(_values(sample, statistic), sample.features, sample.failed, level)


def _values(sample: SampledErrors, statistic: Statistic) -> NDArray[np.float64]:
    """Values of `values_of` of all sampled networks, NaN where there is none."""
    rated = ~np.isnan(sample.errors) & ~sample.failed
    values = np.full(len(sample.errors), np.nan)
    values[rated] = values_of(sample.errors[rated], statistic)
    return values


def _influence_on_median(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median and the influence of each error on it."""
    n, ordered = len(errors), np.sort(errors)
    middle = float(np.median(errors))
    ranks = _HALF_WIDTH * np.sqrt(n)
    low = max(0, int(np.floor(n / 2 - ranks)))
    high = min(n - 1, int(np.ceil(n / 2 + ranks)) - 1)
    share = (high - low) / n  # of the errors between the two
    width = float(ordered[high] - ordered[low])
    below = errors < middle
    influence: NDArray[np.float64] = middle + (below.mean() - below) * width / share
    return influence


def _pseudo_values_of_best(errors: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """Jackknife of the expected least error of some networks, drawn without replacement."""
    n = len(errors)
    whole = _best(errors, number)
    without = np.array([_best(np.delete(errors, place), number) for place in range(n)])
    return n * whole - (n - 1) * without


def _best(errors: NDArray[np.float64], number: int) -> float:
    return float(best_of(errors, number, replacement=False).mean[0])
