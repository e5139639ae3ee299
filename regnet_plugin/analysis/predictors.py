"""Which of flops and activations predicts a measured latency better (figure 12, top)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from regnet_plugin.analysis.inputs import check_share, known_rows
from regnet_plugin.analysis.notation import p_text

TEST = "Williams's test of two correlations that share a variable"


@dataclass(frozen=True)
class PredictorComparison:
    """Straight lines of the latency against flops and against activations.

    Attributes:
        flops, activations: R^2 of each line, the squared correlation; NaN where one of the two does
            not vary.
        p_value: two-sided; NaN where a correlation is not defined or n is below 4.
        n: networks with all three numbers.
        level: up to which p counts, between 0 and 1.
        test: its name.
    """

    flops: float
    activations: float
    p_value: float
    n: int
    level: float
    test: str = TEST

    @property
    def better(self) -> str | None:
        """Say 'flops' or 'activations', None where neither is shown to be better."""
        if not self.p_value <= self.level:
            return None
        return 'activations' if self.activations > self.flops else 'flops'

    @property
    def text(self) -> str:
        """The verdict, R^2 of both, p and n: one sentence without a full stop."""
        if np.isnan(self.p_value):
            return (
                f'n = {self.n} networks do not tell whether flops or activations predict it better'
            )
        sizes = f'R^2 = {self.activations:.2f} against {self.flops:.2f}'
        if self.better == 'flops':
            verdict = 'flops predict it better than activations'
            sizes = f'R^2 = {self.flops:.2f} against {self.activations:.2f}'
        elif self.better == 'activations':
            verdict = 'activations predict it better than flops'
        else:
            verdict = 'neither activations nor flops are shown to predict it better'
        sure = f"{p_text(self.p_value)} (Williams's test, n = {self.n})"
        return f'{verdict}: {sizes} of a straight line, {sure}'


def compare_predictors(
    flops: ArrayLike, activations: ArrayLike, latency: ArrayLike, level: float = 0.05
) -> PredictorComparison:
    """Compare how well flops and activations predict a latency.

    Both correlations come from the same networks, so they are compared by Williams's test (t with n
    - 3 degrees of freedom; recommended by Steiger, Psychological Bulletin 87, 1980). A negative
    correlation counts by its size.

    Args:
        flops, activations, latency: n numbers each, in any unit; networks with a NaN are left out.
        level: between 0 and 1. Default: 0.05.

    Raises:
        ValueError: if lengths differ, a number is infinite or the level is out of range.
    """
    check_share(level=level)
    flops, activations, latency = known_rows(flops=flops, activations=activations, latency=latency)
    n = len(latency)
    by_flops = _correlation(flops, latency)
    by_activations = _correlation(activations, latency)
    _, p_value = williams(by_flops, by_activations, _correlation(flops, activations), n)
    return PredictorComparison(by_flops**2, by_activations**2, p_value, n, level)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Pearson's correlation of n pairs; NaN where one of the two does not vary."""
    if len(first) == 0 or first.min() == first.max() or second.min() == second.max():
        return float('nan')
    covariance = _standardised(first) @ _standardised(second) / len(first)
    return float(np.clip(covariance, -1, 1))  # rounding must not lift it above 1


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers with the mean 0 and the variance 1."""
    standardised: NDArray[np.float64] = (values - values.mean()) / values.std()
    return standardised


def williams(r_12: float, r_13: float, r_23: float, n: int) -> tuple[float, float]:
    """Test whether variable 1 correlates equally well with 2 and with 3.

    Args:
        r_12, r_13, r_23: correlations of the three variables; NaN where not defined.
        n: observations.

    Returns:
        t and the two-sided p; NaN where not defined or n is below 4; 0 and 1 where the two are the
        same.
    """
    # variables 2 and 3 are turned round where they correlate negatively with 1, and what
    # correlates with nothing needs no turning
    sign = np.sign(r_12) * np.sign(r_13)
    if sign == 0:
        sign = 1.0
    r_12, r_13, r_23 = abs(r_12), abs(r_13), sign * r_23
    if n < 4 or np.isnan([r_12, r_13, r_23]).any():
        return float('nan'), float('nan')
    if r_12 == r_13:
        return 0.0, 1.0
    determinant = 1 - r_12**2 - r_13**2 - r_23**2 + 2 * r_12 * r_13 * r_23
    determinant = max(0.0, determinant)  # rounding can make it negative
    variance = 2 * determinant * (n - 1) / (n - 3) + ((r_12 + r_13) / 2) ** 2 * (1 - r_23) ** 3
    t = (r_12 - r_13) * np.sqrt((n - 1) * (1 + r_23) / variance)
    return float(t), float(2 * stdtr(n - 3, -abs(t)))
