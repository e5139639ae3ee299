"""How much of the spread of errors is due to the networks, and how much to the training seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length


@dataclass(frozen=True)
class SeedNoise:
    """Spread between networks and between seeds, of networks with equally many trainings each.

    Attributes:
        between: standard deviation of the networks' expected errors, in points; 0 where seeds
            explain it all.
        within: standard deviation of the errors of one network over seeds, in points.
        share: of the variance of a single training's error that is due to the network, the
            intraclass correlation ICC(1) of Shrout and Fleiss, 1979; negative values, which chance
            can give, are kept.
        low, high: confidence interval of the share.
        n: networks.
        seeds: trainings of each network.
    """

    between: float
    within: float
    share: float
    low: float
    high: float
    n: int
    seeds: int


def seed_noise(
    means: ArrayLike, deviations: ArrayLike, seeds: int, level: float = 0.95
) -> SeedNoise:
    """Tell the spread between networks from the noise between seeds, by one-way ANOVA.

    Args:
        means: n mean errors over the seeds, in percent.
        deviations: n standard deviations (with divisor seeds - 1) over the seeds, in points.
        seeds: trainings of each network.
        level: confidence of the interval, between 0 and 1. Default: 0.95.

    Raises:
        ValueError: for fewer than two networks or seeds, numbers that are not finite, different
            lengths, or no variance.
    """
    check_share(level=level)
    means, deviations = columns_of_equal_length(means=means, deviations=deviations)
    n = len(means)
    if n < 2 or seeds < 2 or not (np.isfinite(means).all() and np.isfinite(deviations).all()):
        raise ValueError(
            'seed noise needs two networks and two seeds at least, all with errors, but there are '
            f'{n} networks with {seeds} seeds'
        )
    between_square = seeds * means.var(ddof=1)  # mean squares of the analysis of variance
    within_square = np.mean(deviations**2)
    if not within_square > 0:
        raise ValueError(
            'seed noise needs trainings that differ, but those of each network have one error'
        )

    # bounds of the ratio of mean squares by quantiles of F (Shrout and Fleiss, 1979)
    ratio = between_square / within_square
    freedom_between, freedom_within = n - 1, n * (seeds - 1)
    upper_tail = 1 - (1 - level) / 2
    low = ratio / special.fdtri(freedom_between, freedom_within, upper_tail)
    high = ratio * special.fdtri(freedom_within, freedom_between, upper_tail)
    return SeedNoise(
        between=float(np.sqrt(max(0, (between_square - within_square) / seeds))),
        within=float(np.sqrt(within_square)),
        share=_intraclass_correlation(ratio, seeds),
        low=_intraclass_correlation(low, seeds),
        high=_intraclass_correlation(high, seeds),
        n=n,
        seeds=seeds,
    )


def _intraclass_correlation(ratio: float, seeds: int) -> float:
    """ICC(1) from the ratio of the mean squares between and within networks."""
    return float((ratio - 1) / (ratio + seeds - 1))
