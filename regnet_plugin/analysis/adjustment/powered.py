"""Means of few labels and many predictions: prediction-powered inference, tuned (PPI++).

Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 2023; Angelopoulos, Duchi and Zrnic,
arXiv 2311.01453.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regnet_plugin.analysis.adjustment.estimates import Estimate, Uncertainty
from regnet_plugin.analysis.inputs import check_share, finite_array


@dataclass(frozen=True)
class PoweredMean:
    """Mean of labels, made surer by predictions.

    Attributes:
        of_space: estimate of the mean of all that labelled and unlabelled ones are a sample of.
        of_sampled: estimate of the mean of the labelled and unlabelled ones themselves.
        weight: of the predictions, from 0, where they tell nothing and the estimate is the mean of
            the labels, to 1.
        standard_error: of the first estimate, as PPI++ has it for large n and m.
    """

    of_space: Estimate
    of_sampled: Estimate
    weight: float
    standard_error: float


def powered_mean(
    labels: ArrayLike, own: ArrayLike, others: ArrayLike, level: float = 0.95
) -> PoweredMean:
    """Estimate the mean of labels that few have, by predictions that all have.

    It is mean(labels) - weight (mean(own) - mean(others)), with the weight of the least variance,
    as PPI++ estimates it. With many labels it is never less sure than their mean.

    Args:
        labels: n numbers, at least three, of a random part of n + m.
        own: predictions for the same n, each by a model that has not seen its label.
        others: predictions for the m others, at least two.
        level: confidence of the intervals, between 0 and 1. Default: 0.95.

    Raises:
        ValueError: if a number is not finite, there are fewer than three labels or two others,
            not as many own predictions as labels, or the level is out of range.
    """
    check_share(level=level)
    labels = finite_array(labels=labels)
    own = finite_array(own=own)
    others = finite_array(others=others)
    n, m = len(labels), len(others)
    if n < 3 or m < 2 or len(own) != n:
        raise ValueError(
            'there must be three labels, a prediction for each and two others at least, but there '
            f'are {n} labels, {len(own)} predictions for them and {m} others'
        )
    weight = float(tuned_weights(labels, own, others))
    value = float(powered_means(labels, own, others, weight))
    residuals, predicted = labels - weight * own, weight * others
    of_labels = Uncertainty.of_mean(residuals, fitted=1)  # the weight
    # The same value by the predictions of all n + m, whose mean is no longer uncertain where these
    # are all that is asked for.
    residuals_of_all = labels - weight * (n + m) / m * own
    of_sampled = Uncertainty.of_mean(residuals_of_all, sampled=n / (n + m), fitted=1)
    return PoweredMean(
        of_space=Estimate.of(value, of_labels + Uncertainty.of_mean(predicted), level),
        of_sampled=Estimate.of(value, of_sampled, level),
        weight=weight,
        standard_error=float(np.sqrt(residuals.var() / n + predicted.var() / m)),
    )


def tuned_weights(
    labels: NDArray[np.float64], own: NDArray[np.float64], others: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate the weight of the predictions that gives the mean its least variance.

    It is cov(labels, own) / ((1 + n / m) var(predictions)), cut to 0 ... 1.

    Args:
        labels, own: of shape (n, ...).
        others: of shape (m, ...).

    Returns:
        A weight for each mean over the first axis; 0 where the predictions are all equal.
    """
    deviations = (labels - labels.mean(axis=0)) * (own - own.mean(axis=0))
    variance = np.concatenate([own, others]).var(axis=0, ddof=1)
    divisor = (1 + len(own) / len(others)) * variance
    best = np.divide(
        deviations.mean(axis=0), divisor, out=np.zeros_like(divisor), where=divisor > 0
    )
    weights: NDArray[np.float64] = np.clip(best, 0, 1)
    return weights


def powered_means(
    labels: NDArray[np.float64],
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    weights: float | NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give the means over the first axis that some weights of the predictions make."""
    means: NDArray[np.float64] = labels.mean(axis=0) - weights * (
        own.mean(axis=0) - others.mean(axis=0)
    )
    return means
