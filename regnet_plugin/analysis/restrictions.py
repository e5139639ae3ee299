"""Which restriction of a design space would leave better networks, judged by those trained already.

Whoever tries many restrictions finds one that looks good by chance. The intervals here pay for
having tried all of them, by shuffles: errors are given to the networks in another order, so that no
restriction means anything, and the largest of all differences is noted (Westfall and Young 1993).
With Holm's correction of Welch's tests, whose t is wrong for a few networks of skewed errors, up to
a fifth of shuffled populations had a false discovery instead of a twentieth; where one half of the
networks proposes and the other confirms, fewer true ones are found.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from regnet_plugin.analysis.inputs import check_share

FEWEST = 5  # networks that a restriction keeps, and that it leaves out, to be judged
SHUFFLES = 4000  # with which a level of 5% is met within a third of a point
_TOGETHER = 500  # shuffles at a time: all of 2,000 networks would take 64 MB
POWER = 0.8  # with which further trainings are to confirm a difference
_MOST_TRAININGS = 10_000  # that are looked through
_ROUNDING = 1e-9  # by which equal numbers, summed in another order, may differ


@dataclass(frozen=True)
class Restriction:
    """What the networks that keep a restriction say of it.

    Attributes:
        name: of the restriction.
        kept: networks with an error that keep it.
        share: of all networks with an error.
        mean: error of those kept.
        difference: that less the mean error of all.
        error: standard error of the difference.
        low, high: confidence interval of the difference; all intervals hold together.
        p_value: probability that the largest of all differences, in standard errors, is as large if
            errors have nothing to do with any restriction.
        trainings: networks to train further, of the restricted space or of the whole, that show a
            difference as large as this one, tested by itself, with a probability of 80%. 0 where
            it is shown, None where those kept are no better.
        level: up to which p values count.
    """

    name: str
    kept: int
    share: float
    mean: float
    difference: float
    error: float
    low: float
    high: float
    p_value: float
    trainings: int | None
    level: float

    @property
    def confirmed(self) -> bool:
        """Whether it is shown that the restricted space has less error."""
        return self.difference < 0 and self.p_value <= self.level

    @property
    def promise(self) -> float:
        """The difference less one standard error, by which restrictions are ranked.

        It is low where a difference is large, and sure.
        """
        return self.difference + self.error


@dataclass(frozen=True)
class Restrictions:
    """Restrictions that were tried together.

    Attributes:
        ranked: all of them, the most promising one first.
        n: networks with an error.
        mean: their mean error.
        level: of all intervals together, the probability that one of them does not hold.
    """

    ranked: tuple[Restriction, ...]
    n: int
    mean: float
    level: float

    @property
    def confirmed(self) -> tuple[Restriction, ...]:
        """Those of which it is shown that they leave better networks."""
        return tuple(one for one in self.ranked if one.confirmed)


def judge_restrictions(
    masks: Mapping[str, ArrayLike], errors: ArrayLike, *, seed: int, level: float = 0.05
) -> Restrictions:
    """Judge restrictions of a design space by networks that were drawn from it and trained.

    Args:
        masks: for each restriction, by name, which of the n networks keep it: shape (n,).
        errors: of the networks; NaN for those without one.
        seed: of the shuffles, from 0.
        level: between 0 and 1; intervals have the confidence 1 - level. Default: 0.05.

    Returns:
        The restrictions, ranked.

    Raises:
        ValueError: if no network has an error, one is infinite, or a restriction keeps or leaves
            out fewer than `FEWEST` of those with an error.
    """
    check_share(level=level)
    known, rated = _rated(errors)
    kept = _kept(masks, rated)
    seen = _Differences.of(kept, known[:, None])
    largest = _largest_by_chance(kept, known, seed)
    # The least number that at most a share `level` of shuffles, and of what was seen, exceeds.
    critical = largest[min(SHUFFLES, math.ceil((SHUFFLES + 1) * (1 - level))) - 1]
    reached = SHUFFLES - np.searchsorted(largest, seen.sizes[:, 0] * (1 - _ROUNDING))
    found = []
    for row, name in enumerate(masks):
        of_kept, p_value = known[kept[row]], float((1 + reached[row]) / (1 + SHUFFLES))
        difference, error = seen.difference[row, 0].item(), seen.error[row, 0].item()
        is_shown = difference < 0 and p_value <= level
        found.append(
            Restriction(
                name=name,
                kept=len(of_kept),
                share=len(of_kept) / len(known),
                mean=of_kept.mean().item(),
                difference=difference,
                error=error,
                low=difference - critical.item() * error,
                high=difference + critical.item() * error,
                p_value=p_value,
                trainings=0 if is_shown else _trainings(known, of_kept, error, level),
                level=level,
            )
        )
    ranked = sorted(found, key=lambda one: one.promise)
    return Restrictions(tuple(ranked), len(known), known.mean().item(), level)


def _rated(errors: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the errors that there are, and whose they are."""
    array = np.asarray(errors, dtype=np.float64)
    rated = ~np.isnan(array)
    if array.ndim != 1 or not rated.any() or np.isinf(array).any():
        raise ValueError(
            'restrictions are judged by finite errors of networks, NaN for those without one, but '
            f'of errors of the shape {array.shape} {np.isfinite(array).sum()} are finite and '
            f'{np.isinf(array).sum()} infinite'
        )
    return array[rated], rated


def _kept(masks: Mapping[str, ArrayLike], rated: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which networks with an error each restriction keeps: shape (restrictions, n)."""
    rows = np.empty((len(masks), int(rated.sum())), dtype=bool)
    for row, (name, mask) in enumerate(masks.items()):
        array = np.asarray(mask)
        if array.shape != rated.shape or array.dtype != np.bool_:
            raise ValueError(
                f'a restriction says of each of the {len(rated)} networks whether it is kept, but '
                f'{name!r} has the shape {array.shape} and the type {array.dtype}'
            )
        rows[row] = array[rated]
        kept, n = int(rows[row].sum()), rows.shape[1]
        if not can_be_judged(kept, n):
            raise ValueError(
                f'a restriction is judged by {FEWEST} networks with an error that it keeps and '
                f'{FEWEST} that it leaves out, but {name!r} keeps {kept} of {n}'
            )
    return rows


def can_be_judged(kept: int, n: int) -> bool:
    """Whether there are `FEWEST` networks that a restriction keeps, and as many that it leaves out.

    Args:
        kept: networks with an error that keep it.
        n: networks with an error.
    """
    return FEWEST <= kept <= n - FEWEST


@dataclass(frozen=True)
class _Differences:
    """Differences of the kept networks' mean and that of all, for several orders of the errors.

    Attributes:
        difference, error: and standard error, shape (restrictions, orders).
    """

    difference: NDArray[np.float64]
    error: NDArray[np.float64]

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Differences in standard errors, of any sign; 0 where errors are equal."""
        divisors = np.where(self.error > 0, self.error, np.inf)
        sizes: NDArray[np.float64] = np.abs(self.difference) / divisors
        return sizes

    @classmethod
    def of(cls, kept: NDArray[np.bool_], errors: NDArray[np.float64]) -> '_Differences':
        """Compute them.

        The standard error is that of a random part of the networks, or, where that is larger, the
        one that the variances of both parts give: one of them may vary more than the other.

        Args:
            kept: shape (restrictions, n).
            errors: shape (n, orders).
        """
        n, of_kept = len(errors), kept.sum(axis=1)[:, None]
        share = of_kept / n
        deviations = errors - errors.mean(axis=0)
        variance = (deviations**2).sum(axis=0) / (n - 1)
        weights = kept.astype(np.float64)
        difference = weights @ deviations / of_kept
        squares = weights @ deviations**2
        within = squares - of_kept * difference**2
        apart = difference / (1 - share)  # of the kept and the others
        others = variance * (n - 1) - squares - (n - of_kept) * (apart - difference) ** 2
        by_parts = (1 - share) ** 2 * (
            within / (of_kept - 1) / of_kept + others / (n - of_kept - 1) / (n - of_kept)
        ) + share * (1 - share) * apart**2 / n
        by_chance = variance * (1 / of_kept - 1 / n)
        error = np.sqrt(np.maximum(by_parts, by_chance))
        # What rounding leaves of equal errors is no variance.
        return cls(difference, np.where(error > _ROUNDING * np.abs(errors).max(), error, 0.0))


def _largest_by_chance(
    kept: NDArray[np.bool_], errors: NDArray[np.float64], seed: int
) -> NDArray[np.float64]:
    """Return the largest differences, in standard errors, of shuffled errors: ascending."""
    generator = np.random.default_rng(seed)
    largest = []
    for first in range(0, SHUFFLES, _TOGETHER):
        number = min(_TOGETHER, SHUFFLES - first)
        shuffled = generator.permuted(np.tile(errors, (number, 1)), axis=1).T
        largest.append(_Differences.of(kept, shuffled).sizes.max(axis=0, initial=0.0))
    return np.sort(np.concatenate(largest))


def _trainings(
    errors: NDArray[np.float64], kept: NDArray[np.float64], error: float, level: float
) -> int | None:
    """Return how many networks more would show a difference as large as the one seen.

    They are of the restricted space, and compared with the n that are trained, or of the whole
    space: whichever takes fewer.

    Args:
        errors: of all n networks.
        kept: errors of those that keep the restriction.
        error: standard error of the difference.
        level: of the test.
    """
    difference = float(kept.mean() - errors.mean())
    if not difference < 0:
        return None
    reach = float(special.ndtri(1 - level / 2) + special.ndtri(POWER))  # in standard errors
    of_whole = max(FEWEST, math.ceil(len(errors) * (reach * error / difference) ** 2))
    # With few networks a t test needs more standard errors than with many.
    sizes = np.arange(FEWEST, min(of_whole, _MOST_TRAININGS))
    reaches = special.stdtrit(sizes - 1, 1 - level / 2) + special.stdtrit(sizes - 1, POWER)
    variances = kept.var(ddof=1) / sizes + errors.var(ddof=1) / len(errors)
    enough = variances * reaches**2 <= difference**2
    return int(sizes[enough.argmax()]) if enough.any() else of_whole
