"""The two-sample test: the 2019 paper's value, all orders of small samples, scipy, calibration."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import kolmogi
from scipy.stats import ks_2samp

from regnet_plugin.analysis import complexity_weights, edf, kolmogorov_smirnov

pytestmark = pytest.mark.filterwarnings('error')
ERRORS = st.lists(
    st.one_of(st.integers(0, 6).map(float), st.just(float('inf'))), min_size=1, max_size=12
)


def test_the_value_of_the_2019_paper():
    """100 networks against 1000 of the same space: D = 0.079, p = 0.60."""
    first = np.concatenate([np.full(8, -1.0), (np.arange(92) + 1) / 92])
    second = np.concatenate([[-2.0], (np.arange(999) + 0.5) / 999])
    found = kolmogorov_smirnov(edf(first), edf(second))
    assert found.statistic == pytest.approx(0.079, abs=1e-12)
    assert found.p_value == pytest.approx(0.60, abs=0.005)
    assert (found.method, found.n) == ('exact', (100, 1000))


@pytest.mark.parametrize('n_1', range(1, 5))
@pytest.mark.parametrize('n_2', range(1, 6))
def test_p_is_exact_for_small_samples(n_1, n_2):
    """Of all ways to deal n_1 + n_2 errors, the share with at least this D."""
    errors = np.arange(n_1 + n_2, dtype=float)
    found = [
        kolmogorov_smirnov(edf(errors[list(first)]), edf(np.delete(errors, first)))
        for first in combinations(range(n_1 + n_2), n_1)
    ]
    distances = np.array([one.statistic for one in found])
    for one in found:
        assert one.p_value == pytest.approx(np.mean(distances >= one.statistic - 1e-9))


@settings(deadline=None)
@given(ERRORS, ERRORS)
def test_the_largest_distance_with_ties_and_failures(first, second):
    found = kolmogorov_smirnov(edf(first), edf(second))
    distances = [
        abs(np.mean(np.array(first) <= e) - np.mean(np.array(second) <= e)) for e in first + second
    ]
    assert found.statistic == pytest.approx(max(distances))
    assert 0 <= found.p_value <= 1
    other = kolmogorov_smirnov(edf(second), edf(first))
    assert (other.statistic, other.p_value) == pytest.approx((found.statistic, found.p_value))


@pytest.mark.parametrize('sizes', [(101, 101), (101, 102), (101, 1000), (500, 500), (500, 487)])
def test_the_limit_is_on_the_safe_side_and_near(sizes):
    scale = np.sqrt(sizes[0] * sizes[1] / sum(sizes))
    for aim, most in ((0.3, 1.3), (0.1, 1.3), (0.02, 1.6), (0.002, 1.6)):
        first, second = ((np.arange(size) + 0.5) / size for size in sizes)
        found = kolmogorov_smirnov(edf(first), edf(second + kolmogi(aim) / scale))
        exact = ks_2samp(first, second + kolmogi(aim) / scale, method='exact').pvalue
        assert found.method == 'limit'
        assert aim / 3 < exact < aim * 1.5
        assert 0.99 < found.p_value / exact < most


def test_weights():
    """Weights are copies as far as D goes; p knows how few networks carry them."""
    errors, counts = np.arange(40.0), np.random.default_rng(0).integers(1, 9, 40)
    weighted, other = edf(errors, counts), edf(errors + 5)
    found = kolmogorov_smirnov(weighted, other)
    assert found.statistic == pytest.approx(
        kolmogorov_smirnov(edf(np.repeat(errors, counts)), other).statistic
    )
    assert found.n == pytest.approx((counts.sum() ** 2 / (counts**2).sum(), 40))
    assert found.method == 'limit'
    assert kolmogorov_smirnov(edf(errors, np.full(40, 0.1)), other).method == 'exact'


def test_weighted_p_values_are_calibrated():
    """Of two populations of one space, compared at equal size, 5% are called different.

    Each of them favours other sizes.
    """
    generator = np.random.default_rng(0)
    rejected = 0
    for _ in range(500):
        functions = []
        for power in (0.7, 1.4):
            size = generator.random(150) ** power
            errors = 20 - 8 * size + generator.normal(size=150)
            functions.append(edf(errors, complexity_weights(size, 0, 1, 5)))
        rejected += kolmogorov_smirnov(*functions).p_value <= 0.05
    assert rejected / 500 <= 0.065


def test_empty_single_and_equal_ones():
    nothing = kolmogorov_smirnov(edf([]), edf([1, 2]))
    assert np.isnan([nothing.statistic, nothing.p_value]).all()
    assert nothing.method == 'none'
    assert kolmogorov_smirnov(edf([1]), edf([2])).p_value == pytest.approx(1)
    for size in (1, 30, 300):
        same = kolmogorov_smirnov(edf([5.0] * size), edf([5.0] * size))
        assert (same.statistic, same.p_value) == (0, 1)
