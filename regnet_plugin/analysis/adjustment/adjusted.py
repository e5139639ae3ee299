"""Means, differences and EDFs of errors that use what is known of networks before their training.

Flops, depths and widths of all sampled networks are known, and explain much of the error. Where a
random part of them is trained, a regression on that part predicts the others, and an estimate of
both is surer than one of the trained part alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from regnet_plugin.analysis.adjustment.estimates import Estimate, Uncertainty
from regnet_plugin.analysis.adjustment.powered import powered_mean, powered_means, tuned_weights
from regnet_plugin.analysis.adjustment.sample import OF_REGRESSION, Sample
from regnet_plugin.analysis.edf import EDF, Band, edf
from regnet_plugin.analysis.inputs import check_share


@dataclass(frozen=True)
class AdjustedMean:
    """Mean error of a design space, adjusted by what is known of its untrained networks.

    Attributes:
        of_space: estimate of the mean of the space; the plain one where it is off.
        of_sampled: estimate of the mean of the sampled networks, as if all were trained.
        plain: estimate of the mean of the space by the trained networks alone.
        weight: of the predictions, from 0 to 1, see `powered_mean`; 0 where it is off.
        explained: share of the variance of the errors that predictions by other networks explain,
            below 0 where they are worse than the mean; NaN where it is off.
        n: trained networks with an error that counts.
        networks: sampled ones, with those that failed.
        off: why it is not adjusted; None if it is.
    """

    of_space: Estimate
    of_sampled: Estimate
    plain: Estimate
    weight: float
    explained: float
    n: int
    networks: int
    off: str | None


@dataclass(frozen=True, eq=False)
class AdjustedEDF:
    """EDF of a design space, adjusted by what is known of its untrained networks.

    Attributes:
        edf: the EDF, of which the trained networks that have unequal weights; the plain one where
            it is off.
        band: its confidence band for all errors at once.
        plain: EDF of the trained networks alone.
        off: why it is not adjusted; None if it is.
    """

    edf: EDF
    band: Band
    plain: EDF
    off: str | None


def adjusted_mean(
    errors: ArrayLike, features: ArrayLike, failed: ArrayLike | None = None, level: float = 0.95
) -> AdjustedMean:
    """Estimate the mean error of a design space from all sampled networks, of which some trained.

    The trained ones must be a random part of all. Each is predicted from the others by kernel ridge
    regression (`cross_fit`), and the predictions are weighed as in PPI++ (`powered_mean`).

    Args:
        errors: N numbers; NaN for networks that are not trained, +inf for failed ones that count.
        features: what is known of them, of shape (N, features), finite; logarithms of sizes.
        failed: N booleans, networks that failed and do not count: the mean is that of networks that
            do not fail. Default: none.
        level: confidence of the intervals, between 0 and 1. Default: 0.95.

    Returns:
        The estimates. It is off where there is nothing to adjust by; where failed networks count
        there is no mean.

    Raises:
        ValueError: if an error is -inf, features are not finite, numbers of rows differ or the
            level is out of range.
    """
    check_share(level=level)
    sample = Sample.of(errors, features, failed)
    trained = sample.errors[sample.counts]
    mean = float(trained.mean()) if sample.n else float('nan')
    plain = Estimate.of(mean, Uncertainty.of_mean(trained), level)
    off = sample.why_off
    if off is None and np.isinf(trained).any():
        off = 'failed networks count, so there is no mean'
    if off is not None:
        share = sample.n / max(1, len(sample.errors))
        of_sampled = Estimate.of(mean, Uncertainty.of_mean(trained, share), level)
        return AdjustedMean(
            plain, of_sampled, plain, 0.0, float('nan'), sample.n, len(sample.errors), off
        )
    labels = sample.labels(sample.errors[:, np.newaxis], np.array([mean]))
    own, others = sample.predictions(labels)
    powered = powered_mean(labels[:, 0], own[:, 0], others[:, 0], level)

    def estimate(found: Estimate) -> Estimate:
        uncertainty = found.uncertainty.widened(OF_REGRESSION)
        return Estimate.of(mean + found.value, uncertainty, level)

    total = float(np.square(labels).sum())  # 0 where all errors are equal
    left_over = float(np.square(labels - own).sum())
    return AdjustedMean(
        of_space=estimate(powered.of_space),
        of_sampled=estimate(powered.of_sampled),
        plain=plain,
        weight=powered.weight,
        explained=1 - left_over / total if total else float('nan'),
        n=sample.n,
        networks=len(sample.errors),
        off=None,
    )


def adjusted_difference(first: AdjustedMean, second: AdjustedMean, level: float = 0.95) -> Estimate:
    """Estimate the difference of the mean errors of two design spaces, each sampled by itself.

    Args:
        first, second: adjusted means; one that is off is taken as it is.
        level: confidence of the interval, between 0 and 1. Default: 0.95.

    Returns:
        The first one's mean less the second's.

    Raises:
        ValueError: if the level is out of range.
    """
    check_share(level=level)
    one, other = first.of_space, second.of_space
    return Estimate.of(one.value - other.value, one.uncertainty + -other.uncertainty, level)


def adjusted_edf(
    errors: ArrayLike, features: ArrayLike, failed: ArrayLike | None = None, level: float = 0.95
) -> AdjustedEDF:
    """Estimate the EDF of the errors of a design space from all sampled networks, some trained.

    Whether an error is below a bound has a mean over networks like the error itself, and all bounds
    share one regression. Where what comes out falls as the bound grows, the values are sorted,
    which brings them nearer to the truth (Chernozhukov, Fernandez-Val and Galichon 2009).

    The band is as high as that of `EDF.band`, times the largest standard error of the EDF over 0.5
    / sqrt(n), the largest that it can have without predictions; its level is approximate.

    Args:
        errors, features, failed: as `adjusted_mean`'s, also with failed networks that count.
        level: confidence of the band, between 0 and 1. Default: 0.95.

    Raises:
        ValueError: as `adjusted_mean` does.
    """
    check_share(level=level)
    sample = Sample.of(errors, features, failed)
    plain = edf(sample.errors[sample.counts])
    bounds, shares = plain.steps()
    off = sample.why_off
    if off is None and not len(bounds):
        off = 'all trained networks failed'
    if off is not None:
        return AdjustedEDF(plain, plain.band(level), plain, off)
    labels = sample.labels(sample.errors[:, np.newaxis] <= bounds, shares)
    own, others = sample.predictions(labels)
    weights = tuned_weights(labels, own, others)
    values = shares + powered_means(labels, own, others, weights)
    values = np.clip(np.sort(values), 0, 1)
    of_each = np.diff(values, prepend=0, append=1)  # what is left failed, and counts
    adjusted = edf(np.append(bounds, np.inf), of_each)

    variances = (labels - weights * own).var(axis=0, ddof=1) / len(labels)
    variances += (weights * others).var(axis=0, ddof=1) / len(others)
    error = OF_REGRESSION * np.sqrt(variances.max())
    half_width = float(error * np.sqrt(2 * np.log(2 / (1 - level))))
    half_width = min(half_width, plain.band(level).half_width)
    return AdjustedEDF(adjusted, Band(level, half_width, adjusted), plain, None)
