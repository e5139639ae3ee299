"""Which of flops and activations predicts a measured latency better (figure 12, top)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from regnet_plugin.analysis.inputs import check_share, known_rows
from regnet_plugin.analysis.notation import p_text

TEST = "Williams's test of two correlations that share a variable"


@dataclass(frozen=True)
class PredictorComparison:
    """Straight lines of the latency against flops and against activations.

    Attributes:
        flops, activations (float): R^2 of each line, the squared correlation; NaN where one of the
            two does not vary.
        p_value (float): two-sided; NaN where a correlation is not defined or n is below 4.
        n (int): networks with all three numbers.
        level (float): up to which p counts.
        test (str): its name.
    """

    flops: float
    activations: float
    p_value: float
    n: int
    level: float
    test: str = TEST

    @property
    def better(self):
        """'flops' or 'activations', None where neither is shown to be."""
        if not self.p_value <= self.level:
            return None
        return 'activations' if self.activations > self.flops else 'flops'

    @property
    def text(self):
        """One sentence without a full stop."""
        if np.isnan(self.p_value):
            return (
                f'n = {self.n} networks do not tell whether flops or activations predict it better'
            )
        pair = ('flops', 'activations') if self.better == 'flops' else ('activations', 'flops')
        sizes = f'R^2 = {getattr(self, pair[0]):.2f} against {getattr(self, pair[1]):.2f} of a straight line'
        verdict = f'{pair[0]} predict it better than {pair[1]}'
        if self.better is None:
            verdict = 'neither activations nor flops are shown to predict it better'
        return f"{verdict}: {sizes}, {p_text(self.p_value)} (Williams's test, n = {self.n})"


def compare_predictors(
    flops: ArrayLike, activations: ArrayLike, latency: ArrayLike, level: float = 0.05
) -> PredictorComparison:
    """Compare how well flops and activations predict a latency.

    Both correlations come from the same networks, so they are compared by Williams's test (t with n
    - 3 degrees of freedom; recommended by Steiger, Psychological Bulletin 87, 1980). A negative
    correlation counts by its size.

    Args:
        flops, activations, latency (array_like): n numbers each, in any unit; networks with a NaN
            are left out.
        level (float): between 0 and 1. Default: 0.05.

    Returns:
        PredictorComparison

    Raises:
        ValueError: if lengths differ, a number is infinite or the level is out of range.
    """
    check_share(level=level)
    flops, activations, latency = known_rows(flops=flops, activations=activations, latency=latency)
    n = len(latency)
    by_flops, by_activations = _correlation(flops, latency), _correlation(activations, latency)
    _, p_value = williams(by_flops, by_activations, _correlation(flops, activations), n)
    return PredictorComparison(by_flops**2, by_activations**2, p_value, n, level)


def _correlation(first, second):
    if len(first) == 0 or first.min() == first.max() or second.min() == second.max():
        return float('nan')
    first, second = ((values - values.mean()) / values.std() for values in (first, second))
    return float(np.clip(first @ second / len(first), -1, 1))


def williams(r_12, r_13, r_23, n):
    """Test whether variable 1 correlates equally well with 2 and with 3.

    Args:
        r_12, r_13, r_23 (float): correlations; NaN where not defined.
        n (int): observations.

    Returns:
        tuple[float]: t and two-sided p; NaN where not defined or n is below 4; 0 and 1 where the
            two are the same.
    """
    sign = np.sign(r_12) * np.sign(r_13) or 1.0
    r_12, r_13, r_23 = abs(r_12), abs(r_13), sign * r_23
    if n < 4 or np.isnan([r_12, r_13, r_23]).any():
        return float('nan'), float('nan')
    if r_12 == r_13:
        return 0.0, 1.0
    determinant = max(0.0, 1 - r_12**2 - r_13**2 - r_23**2 + 2 * r_12 * r_13 * r_23)
    variance = 2 * determinant * (n - 1) / (n - 3) + ((r_12 + r_13) / 2) ** 2 * (1 - r_23) ** 3
    t = (r_12 - r_13) * np.sqrt((n - 1) * (1 + r_23) / variance)
    return float(t), float(2 * stdtr(n - 3, -abs(t)))
