"""What a parameter explains of the errors: bins, quartiles, share of the variance of ranks."""

import numpy as np
import pytest
from scipy import stats

from regnet_plugin.analysis import explained

RNG = np.random.default_rng(0)


def test_few_values_are_bins_of_their_own():
    found = explained([1, 2, 2, 4, np.nan, 4, 4], [5, 1, 3, 9, 99, 7, 8])
    assert [(one.least, one.most, one.n) for one in found.bins] == [(1, 1, 1), (2, 2, 2), (4, 4, 3)]
    assert [one.median for one in found.bins] == [5, 1, 8]


def test_many_values_are_split_evenly_and_equal_ones_stay_together():
    values = np.concatenate([RNG.uniform(0, 1, 60), np.full(60, 2.0)])
    bins = explained(values, RNG.normal(size=120)).bins
    assert sum(one.n for one in bins) == 120
    assert all(before.most < after.least for before, after in zip(bins, bins[1:]))
    assert (bins[-1].least, bins[-1].n) == (2, 60) and [one.n for one in bins[:-1]] == [20] * 3


@pytest.mark.parametrize('n, most', [(7, 1), (12, 2), (29, 5), (500, 6)])
def test_bins_have_networks_enough_for_quartiles(n, most):
    bins = explained(RNG.uniform(size=n), RNG.normal(size=n)).bins
    assert len(bins) <= most and (n < 10 or min(one.n for one in bins) >= 5)


def test_the_share_is_that_of_the_ranks_less_what_chance_gives():
    values = np.repeat([1.0, 2.0, 3.0], 30)
    errors = RNG.gamma(2, 3, 90) + 2 * values
    found = explained(values, errors)
    ranks = stats.rankdata(errors)
    between = sum(30 * (ranks[values == value].mean() - ranks.mean()) ** 2 for value in (1, 2, 3))
    eta = between / ((ranks - ranks.mean()) ** 2).sum()
    # eta squared, with one degree of freedom taken off for each of k - 1 means
    assert found.share == pytest.approx((eta * 89 - 2) / 87)
    expected = stats.kruskal(*(errors[values == value] for value in (1, 2, 3))).pvalue
    assert found.p_value == pytest.approx(expected)


def test_any_growing_function_of_the_errors_gives_the_same():
    values, errors = RNG.integers(1, 5, 80), RNG.gamma(2, 3, 80)
    one, other = explained(values, errors), explained(values, np.exp(errors / 5))
    assert (one.share, one.p_value) == (other.share, other.p_value)


def test_nothing_is_explained_on_average_where_nothing_is_there():
    shares = [explained(RNG.integers(1, 5, 40), RNG.normal(size=40)).share for _ in range(400)]
    assert abs(np.mean(shares)) < 4 * np.std(shares) / 20


def test_what_orders_the_errors_explains_nearly_all():
    values = np.arange(300.0)
    assert explained(values, 2 * values).share > 0.95


def test_failed_networks_are_the_worst():
    values = np.repeat([1, 2], 20)
    errors = np.where(values == 1, RNG.normal(40, 3, 40), np.inf)
    found = explained(values, errors)
    assert found.p_value < 1e-6 and found.bins[1].median == np.inf


@pytest.mark.parametrize(
    'values, errors', [([], []), ([1], [2]), ([1, 1], [2, 3]), ([1, 2], [3, 3])]
)
def test_nothing_is_known_of_too_few(values, errors):
    found = explained(values, errors)
    assert np.isnan(found.share) and np.isnan(found.p_value)
