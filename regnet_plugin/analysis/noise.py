"""How much of the spread of errors is due to the networks, and how much to the seeds of their
trainings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length


@dataclass(frozen=True)
class SeedNoise:
    """Networks that were trained with the same number of seeds each.

    Attributes:
        between (float): standard deviation of the networks' expected errors, in points; 0 where
            seeds explain it all.
        within (float): standard deviation of the errors of one network over seeds.
        share (float): of the variance of a single training's error that is due to the network, the
            intraclass correlation ICC(1) of Shrout and Fleiss, 1979; negative values, which chance
            can give, are kept.
        low, high (float): its confidence interval.
        n, seeds (int): networks, and trainings of each.
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
    """Tell the spread between networks from the noise between seeds, by one-way analysis of
    variance.

    Args:
        means (array_like): n mean errors over the seeds, in percent.
        deviations (array_like): n standard deviations (n - 1) over the seeds.
        seeds (int): trainings of each network.
        level (float): of the interval. Default: 0.95.

    Returns:
        SeedNoise

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
            f'{n} '
            f'networks with {seeds} seeds'
        )
    of_networks, of_seeds = seeds * means.var(ddof=1), np.mean(deviations**2)  # mean squares
    if not of_seeds > 0:
        raise ValueError(
            'seed noise needs trainings that differ, but those of each network have one error'
        )
    ratio = of_networks / of_seeds
    freedom = n - 1, n * (seeds - 1)
    tail = (1 - level) / 2
    low = ratio / special.fdtri(*freedom, 1 - tail)
    high = ratio * special.fdtri(*freedom[::-1], 1 - tail)
    return SeedNoise(
        float(np.sqrt(max(0, (of_networks - of_seeds) / seeds))),
        float(np.sqrt(of_seeds)),
        *(float((value - 1) / (value + seeds - 1)) for value in (ratio, low, high)),
        n,
        seeds,
    )
