"""Is a short training enough to rank networks? Its ranking beside that of a longer one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import kendalltau, rankdata, t

from regnet_plugin.analysis.inputs import check_share, columns_of_equal_length


@dataclass(frozen=True)
class ScheduleAgreement:
    """How well a short training ranks networks as a long one does.

    Attributes:
        tau: Kendall's, between the errors of the short and of the long training.
        tau_of_seeds: Kendall's, between two long trainings with different seeds: as well as any
            training can agree with the long one.
        ratio: of the two.
        low, high: confidence interval of the ratio, by the jackknife over networks.
        depth_share: of the variance of the change of a network's rank, from the short to the long
            training, the part that a line through its depth explains, 0 to 1.
        n: networks.
    """

    tau: float
    tau_of_seeds: float
    ratio: float
    low: float
    high: float
    depth_share: float
    n: int


def schedule_agreement(
    short: ArrayLike, long: ArrayLike, again: ArrayLike, depths: ArrayLike, level: float = 0.95
) -> ScheduleAgreement:
    """Compare the ranking of networks by a short training with that by a long one.

    Args:
        short: n errors after the short training.
        long: n errors of the same networks after the long training.
        again: n errors after the long training with another seed.
        depths: n numbers of blocks.
        level: confidence of the interval, between 0 and 1. Default: 0.95.

    Raises:
        ValueError: for fewer than four networks, numbers that are not finite, different lengths, or
            two long trainings that rank the networks in no common order.
    """
    check_share(level=level)
    columns = columns_of_equal_length(short=short, long=long, again=again, depths=depths)
    n = len(columns[0])
    if n < 4 or not all(np.isfinite(column).all() for column in columns):
        raise ValueError(
            'schedules are compared by four networks at least, all with errors and depths, but '
            f'there are {n} networks, or some lack one'
        )
    short, long, again, depths = columns
    tau, tau_of_seeds = _tau(short, long), _tau(long, again)
    if not tau_of_seeds > 0:
        raise ValueError(
            "two long trainings must agree on an order of the networks, but Kendall's tau between "
            f'them is {tau_of_seeds:.2f}'
        )
    kept = [np.arange(n) != left_out for left_out in range(n)]
    ratios = [_tau(short[some], long[some]) / _tau(long[some], again[some]) for some in kept]
    deviation = float(np.sqrt((n - 1) * np.var(ratios)))
    reach = float(t.ppf((1 + level) / 2, n - 1)) * deviation
    ratio = tau / tau_of_seeds
    return ScheduleAgreement(
        tau, tau_of_seeds, ratio, ratio - reach, ratio + reach, _depth_share(short, long, depths), n
    )


def _tau(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(kendalltau(first, second).statistic)


def _depth_share(
    short: NDArray[np.float64], long: NDArray[np.float64], depths: NDArray[np.float64]
) -> float:
    """Part of the variance of the change of ranks that a line through the depth explains."""
    change = rankdata(long) - rankdata(short)
    if np.ptp(change) == 0 or np.ptp(depths) == 0:
        return 0.0
    return float(np.corrcoef(change, depths)[0, 1] ** 2)
