"""The difference of two design spaces of which some networks are twins: of the same draw.

Candidates are numbered, and two spaces that differ in one rule make nearly the same network of the
same number. Where both accept it, the two are twins, and the difference of their errors is surer
than that of two networks drawn apart. But twins have a law of their own: they are what a space
gives where the other one accepts, too. So the mean of a space is put together of its twins and of
its other networks, by the share that each has of all that were sampled, trained or not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.adjustment.adjusted import (
    AdjustedMean,
    adjusted_difference,
    adjusted_mean,
)
from regnet_plugin.analysis.adjustment.estimates import Estimate, Uncertainty
from regnet_plugin.analysis.inputs import check_share, error_array

# Trained networks of each space, and of these pairs, and others where there are some, from which on
# they are combined: on the study's populations 95% intervals then hold in 92% to 97% of the cases.
# With 20 pairs and no others they do so in 90% of them.
FEWEST = 30
FEWEST_OF_A_PART = 10


@dataclass(frozen=True, eq=False)
class DrawnPopulation:
    """Networks that a design space accepted, in a sequence of candidates that are numbered.

    Attributes:
        errors: N numbers; NaN for networks that are not trained, +inf for failed ones that count.
            Of the networks with a twin the trained ones are a random part, and so of the others;
            these parts may differ.
        draws: N numbers of candidates, whole ones from 0, each once: of all that the space accepted
            up to the last of them.
        features: as of `adjusted_mean`, of shape (N, features). Default: nothing is known.
        failed: N booleans, networks that failed and do not count. Default: none.
    """

    errors: ArrayLike
    draws: ArrayLike
    features: ArrayLike | None = None
    failed: ArrayLike | None = None


@dataclass(frozen=True)
class TwinDifference:
    """Difference of the mean errors of two design spaces, the first one's less the second's.

    Attributes:
        of_spaces: estimate of it by twins and others together; the unpaired one where it is off.
        of_twins: estimate of the mean difference of twins, in whose law it lacks what only one of
            the spaces has; NaN without two trained pairs, or where failed networks count.
        unpaired: estimate of the difference of the spaces as if there were no twins, adjusted by
            features where that can be done. Where twins were trained in preference it is biased.
        shares: of the networks that have a twin, in the first space and in the second, as far as
            candidates of both are known; NaN where none are.
        twins: sampled pairs.
        pairs: of these, pairs of which both have an error that counts.
        correlation: of the errors of these; NaN where it is not defined.
        off: why twins and others are not combined; None if they are.
    """

    of_spaces: Estimate
    of_twins: Estimate
    unpaired: Estimate
    shares: tuple[float, float]
    twins: int
    pairs: int
    correlation: float
    off: str | None


def twin_difference(
    first: DrawnPopulation, second: DrawnPopulation, level: float = 0.95
) -> TwinDifference:
    """Estimate the difference of two spaces whose populations are of the same candidates.

    The mean of a space is p mean(twins) + (1 - p) mean(others), with the share p of its sampled
    networks that have a twin (poststratification). Twins of which both are trained enter in pairs,
    others as one sample of each space, adjusted by features where there are enough of them. The
    interval knows of all parts, also of the uncertainty of both shares. Networks behind the last
    candidate of the other population, of which nobody knows whether they have a twin, are left out.

    Args:
        first, second: populations of one seed, of spaces that draw the same parameters.
        level: confidence of the intervals, between 0 and 1. Default: 0.95.

    Returns:
        The estimates; it is off where pairs or others are too few.

    Raises:
        ValueError: if draws are no different whole numbers from 0, or as `adjusted_mean` does.
    """
    check_share(level=level)
    one, other = _Side.of(first), _Side.of(second)
    unpaired = adjusted_difference(one.adjusted_mean, other.adjusted_mean, level)
    one, other = one.beside(other), other.beside(one)
    _, own, others = np.intersect1d(one.draws, other.draws, return_indices=True)
    both = one.counts[own] & other.counts[others]
    pairs = one.errors[own[both]], other.errors[others[both]]
    off = one.why_off('first', len(pairs[0])) or other.why_off('second', len(pairs[0]))
    if off is None:
        of_spaces = _combined(one, other, own, others, level)
    else:
        of_spaces = unpaired
    return TwinDifference(
        of_spaces=of_spaces,
        of_twins=_paired(*pairs, level),
        unpaired=unpaired,
        shares=(one.share, other.share),
        twins=len(own),
        pairs=len(pairs[0]),
        correlation=_correlation(*pairs),
        off=off,
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """One of two populations.

    Attributes:
        errors, draws, features, failed: as of `DrawnPopulation`; of features there may be none.
        is_twin: whether each has a twin in the other population.
    """

    errors: NDArray[np.float64]
    draws: NDArray[np.int64]
    features: NDArray[np.float64]
    failed: NDArray[np.bool_]
    is_twin: NDArray[np.bool_]

    @classmethod
    def of(cls, population: DrawnPopulation) -> '_Side':
        """Check what is given."""
        errors = np.asarray(population.errors, dtype=np.float64)
        error_array(errors[~np.isnan(errors)])
        draws = _whole(np.asarray(population.draws, dtype=np.float64), len(errors))
        features, failed = population.features, population.failed
        return cls(
            errors,
            draws,
            np.zeros((len(errors), 0)) if features is None else np.asarray(features, np.float64),
            np.zeros(len(errors), bool) if failed is None else np.asarray(failed, bool),
            np.zeros(len(errors), bool),
        )

    def beside(self, other: '_Side') -> '_Side':
        """The networks up to the last candidate of another population, and which have a twin."""
        known = self.draws <= other.draws.max(initial=-1)
        draws = self.draws[known]
        is_twin = np.isin(draws, other.draws)
        return _Side(self.errors[known], draws, self.features[known], self.failed[known], is_twin)

    @property
    def adjusted_mean(self) -> AdjustedMean:
        """Mean of the space as if there were no twins."""
        return adjusted_mean(self.errors, self.features, self.failed)

    @property
    def share(self) -> float:
        """Share of the networks that have a twin."""
        return float(self.is_twin.mean()) if len(self.draws) else float('nan')

    @property
    def counts(self) -> NDArray[np.bool_]:
        """Whether each network has an error that counts."""
        counts: NDArray[np.bool_] = ~np.isnan(self.errors) & ~self.failed
        return counts

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Whether the training of each network has ended."""
        ended: NDArray[np.bool_] = ~np.isnan(self.errors) | self.failed
        return ended

    def why_off(self, which: str, pairs: int) -> str | None:
        """Why twins and others are not combined; None where this population has enough of both.

        Args:
            which: of the two populations it is.
            pairs: twins of which both have an error that counts.
        """
        others = ~self.is_twin
        trained = int((others & self.counts).sum())
        if np.isinf(self.errors[self.counts]).any():
            return 'failed networks count, so there is no mean'
        if pairs < FEWEST_OF_A_PART:
            return (
                f'{pairs} trained pairs of twins are too few, from {FEWEST_OF_A_PART} on they help'
            )
        if others.any() and trained < FEWEST_OF_A_PART:
            return (
                f'{trained} trained networks of the {which} without a twin are too few, there must '
                f'be {FEWEST_OF_A_PART}'
            )
        if pairs + trained < FEWEST:
            return (
                f'{pairs} trained pairs and {trained} others of the {which} are too few, there '
                f'must be {FEWEST} in all'
            )
        return None

    def mean_of_both(self, values: NDArray[np.float64]) -> float:
        """Mean over the space: of twins and others whose trainings ended, by their shares."""
        mean = 0.0
        for part in (self.is_twin, ~self.is_twin):
            if part.any():
                mean += float(part.mean() * values[part & self.ended].mean())
        return mean

    def labels(self) -> tuple[float, NDArray[np.float64]]:
        """Mean over the space, and what each network adds to it; NaN before its training ended.

        The mean over networks that do not fail is a ratio, see `_Sample.labels` of `adjusted`.
        """
        share = self.mean_of_both(self.counts.astype(np.float64))
        mean = self.mean_of_both(np.where(self.counts, self.errors, 0)) / share
        labels = np.where(self.counts, self.errors - mean, 0) / share
        return mean, np.where(self.ended, labels, np.nan)


def _whole(draws: NDArray[np.float64], networks: int) -> NDArray[np.int64]:
    """Draws as whole numbers.

    Raises:
        ValueError: if they are none from 0, are there twice, or are not as many as networks.
    """
    if draws.shape != (networks,) or not _are_whole(draws) or len(np.unique(draws)) < networks:
        raise ValueError(
            f'draws must be a whole number from 0 for each of {networks} networks, another one for '
            f'each, but they are {draws}'
        )
    return draws.astype(np.int64)


def _are_whole(numbers: NDArray[np.float64]) -> bool:
    """Whether all are whole numbers from 0."""
    return bool(np.isfinite(numbers).all() and ((numbers >= 0) & (numbers % 1 == 0)).all())


def _combined(
    one: _Side,
    other: _Side,
    own: NDArray[np.intp],
    others: NDArray[np.intp],
    level: float,
) -> Estimate:
    """Estimate the difference of the spaces.

    Args:
        one, other: the populations.
        own, others: indices of twins in the one and in the other, pair by pair.
        level: confidence of the interval.
    """
    (mean, labels), (other_mean, other_labels) = one.labels(), other.labels()
    value, uncertainty = _of_twins(one.share * labels[own], -other.share * other_labels[others])
    steps = []  # from others to twins, by what the mean of each space grows with log(odds of twins)
    for sign, side, given in ((1, one, labels), (-1, other, other_labels)):
        left = 1 - side.share
        step = 0.0
        if left:
            rest = adjusted_mean(given[~side.is_twin], side.features[~side.is_twin]).of_space
            value += sign * left * rest.value
            of_rest = rest.uncertainty.widened(left)
            uncertainty += of_rest if sign > 0 else -of_rest
            step = float(np.nanmean(given[side.is_twin])) - rest.value
        steps.append(sign * side.share * left * step)
    rests = [int((~side.is_twin).sum()) for side in (one, other)]
    uncertainty += _of_shares(steps, len(own), rests)
    return Estimate.of(mean - other_mean + value, uncertainty, level)


def _of_twins(own: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, Uncertainty]:
    """Estimate the mean sum of two values that twins have, of which some are not known yet.

    Twins of which only one is trained correct the mean of its value over the pairs, by the weights
    of least variance (partially paired samples).

    Args:
        own, others: values of the one and of the other of each pair; NaN where unknown.
    """
    values = np.array([own, others])
    known = ~np.isnan(values)
    paired = values[:, known.all(axis=0)]
    halves = [row[lone] for row, lone in zip(values, known & ~known.all(axis=0))]
    used = np.array([len(half) > 1 for half in halves])
    controls = paired[used]
    chosen = [half for half, use in zip(halves, used) if use]
    total = paired.sum(axis=0)
    n = paired.shape[1]
    covariance = np.atleast_2d(np.cov(np.vstack([total, controls])))
    own_variance = np.diag(covariance)[1:]
    spread = covariance[1:, 1:] / n + np.diag(own_variance / [len(half) for half in chosen])
    weights = np.linalg.pinv(spread) @ (covariance[1:, 0] / n)
    left_over = total - weights @ controls
    value = float(left_over.mean())
    uncertainty = Uncertainty.of_mean(left_over, fitted=len(chosen))
    for weight, half in zip(weights.tolist(), chosen):
        value += weight * float(half.mean())
        uncertainty += Uncertainty.of_mean(weight * half)
    return value, uncertainty


def _of_shares(steps: list[float], twins: int, rests: list[int]) -> Uncertainty:
    """That of the difference by the shares of twins, which sampled networks only estimate.

    A space's mean grows by share (1 - share) (mean of twins - mean of others) with the logarithm of
    the odds of twins, which are numbers of networks that both spaces accepted and that only this
    one did; to first order each network that any of them accepted adds its part to the difference.

    Args:
        steps: of the one space, and, with the other sign, of the other.
        twins: networks that both accepted.
        rests: networks that only the one accepted, and that only the other did.
    """
    numbers = [twins, *rests]
    parts = [sum(steps), *[-step for step in steps]]
    of_each = [part * sum(numbers) / max(1, number) for part, number in zip(parts, numbers)]
    return Uncertainty.of_mean(np.repeat(of_each, numbers))


def _paired(errors: NDArray[np.float64], others: NDArray[np.float64], level: float) -> Estimate:
    """Estimate the mean difference of twins of which both are trained."""
    if np.isinf(errors).any() or np.isinf(others).any():
        errors = others = np.array([])  # they have no mean
    differences = errors - others
    mean = float(differences.mean()) if len(differences) else float('nan')
    return Estimate.of(mean, Uncertainty.of_mean(differences), level)


def _correlation(errors: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Pearson's correlation of the errors of twins; NaN where it is not defined."""
    if len(errors) < 2 or not np.isfinite([errors, others]).all():
        return float('nan')
    if errors.min() == errors.max() or others.min() == others.max():
        return float('nan')
    return float(np.corrcoef(errors, others)[0, 1])
