"""The difference of two spaces by one regression for both, which few trainings of each suffice for.

What makes a network of the one space learn well does so in the other: where ten of each are
trained, a regression has twenty to learn from.
"""

import numpy as np

from regnet_plugin.analysis.adjustment.adjusted import adjusted_difference, adjusted_mean
from regnet_plugin.analysis.adjustment.cross_fitting import cross_fit
from regnet_plugin.analysis.adjustment.estimates import Estimate
from regnet_plugin.analysis.adjustment.powered import powered_mean
from regnet_plugin.analysis.adjustment.sample import FEWEST, OF_REGRESSION, Sample, differ_in
from regnet_plugin.analysis.inputs import check_share


def pooled_difference(first: Sample, second: Sample, level: float = 0.95) -> Estimate:
    """Estimate the difference of the mean errors of two spaces, each sampled by itself.

    Each mean is adjusted as `adjusted_mean` does it, but networks are predicted by one regression
    on those of both spaces. A network is predicted by models that leave one of its own space out,
    whether it is trained or not, so that the means stay unbiased where the spaces differ.

    Args:
        first, second: samples; the same is known of both, in the same order of features.
        level: confidence of the interval, between 0 and 1. Default: 0.95.

    Returns:
        The first one's mean less the second's: that of `adjusted_mean` where the spaces are too
        little trained for one regression, or one of them to the end.

    Raises:
        ValueError: if not the same is known of both, or the level is out of range.
    """
    check_share(level=level)
    samples = (first, second)
    if first.features.shape[1] != second.features.shape[1]:
        raise ValueError(
            'the same must be known of both spaces, but there are '
            f'{first.features.shape[1]} and {second.features.shape[1]} features'
        )
    if not _is_possible(first, second):
        mean, other_mean = (
            adjusted_mean(sample.errors, sample.features, sample.has_failed, level)
            for sample in samples
        )
        return adjusted_difference(mean, other_mean, level)
    means = [float(sample.errors[sample.counts].mean()) for sample in samples]
    middle = sum(means) / 2
    labels = [
        sample.labels(sample.errors[:, np.newaxis], np.array([mean])) + mean - middle
        for sample, mean in zip(samples, means)
    ]
    both = np.concatenate(labels)
    ended = np.concatenate([sample.ended for sample in samples])
    fit = cross_fit(np.concatenate([sample.features for sample in samples]), ended, both)
    is_first = np.repeat([True, False], [len(each) for each in labels])
    own = fit.own(both)
    one, other = (
        powered_mean(both[of_space, 0], own[of_space, 0], fit.others(both, of_space)[rows, 0])
        for of_space, rows in (
            (is_first, slice(first.waiting)),
            (~is_first, slice(first.waiting, None)),
        )
    )
    strays = one.of_space.uncertainty + -other.of_space.uncertainty
    value = one.of_space.value - other.of_space.value
    return Estimate.of(value, strays.widened(OF_REGRESSION), level)


def _is_possible(first: Sample, second: Sample) -> bool:
    """Whether one regression can be made for two spaces."""
    return (
        min(first.waiting, second.waiting) >= 2
        and first.n + second.n >= FEWEST
        and min(first.n, second.n) >= FEWEST // 2
        and differ_in(np.concatenate([first.features, second.features]))
    )
