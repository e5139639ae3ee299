"""Intervals that know of skewness: the formulas of their sources, and how often they hold."""

import numpy as np
import pytest
from scipy import stats

from regnet_plugin.analysis.adjustment.estimates import Estimate, Uncertainty

SKEWED = np.array([3.0, 4, 4, 5, 5, 5, 6, 7, 9, 30])


def test_without_skewness_it_is_students_interval():
    values = np.array([1.0, 2, 2, 3, 3, 4, 4, 5])
    low, high = Uncertainty.of_mean(values).interval(3, 0.9)
    expected = stats.t.interval(0.9, 7, 3, stats.sem(values))
    assert (low, high) == pytest.approx(expected, rel=1e-12)


def test_the_ends_are_where_the_transformation_of_hall_is_students_quantile():
    """S + g S^2 / 3 + g^2 S^3 / 27 + g / 6n = quantile / sqrt(n), S = (mean - end) / deviation."""
    n, mean, deviation = len(SKEWED), SKEWED.mean(), SKEWED.std(ddof=1)
    g = stats.kstat(SKEWED, 3) / deviation**3
    for end, quantile in zip(
        Uncertainty.of_mean(SKEWED).interval(mean, 0.95), stats.t.ppf([0.975, 0.025], n - 1)
    ):
        s = (mean - end) / deviation
        transformed = s + g * s**2 / 3 + g**2 * s**3 / 27 + g / (6 * n)
        assert transformed * n**0.5 == pytest.approx(quantile)


def test_a_difference_has_welchs_degrees_of_freedom_and_is_turned_by_its_sign():
    first, second = np.array([1.0, 2, 2, 3, 7]), np.array([4.0, 5, 5, 6])
    both = Uncertainty.of_mean(first) + -Uncertainty.of_mean(second)
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert both.variance**2 / both.variance_of_variance == pytest.approx(welch.df)
    low, high = both.interval(-2, 0.95)
    turned = (Uncertainty.of_mean(second) + -Uncertainty.of_mean(first)).interval(2, 0.95)
    assert turned == pytest.approx((-high, -low))


def test_an_estimate_that_strays_twice_as_far_has_an_interval_of_twice_the_width():
    uncertainty = Uncertainty.of_mean(SKEWED)
    low, high = uncertainty.interval(0, 0.95)
    assert uncertainty.widened(2).interval(0, 0.95) == pytest.approx((2 * low, 2 * high))


def test_of_all_that_is_sampled_nothing_is_uncertain():
    uncertainty = Uncertainty.of_mean(SKEWED, sampled=1.0)
    assert uncertainty.interval(7.8, 0.95) == (7.8, 7.8)


@pytest.mark.parametrize('values', [[], [1.0], [1.0, np.inf, 2.0]])
def test_where_nothing_is_known_there_is_no_interval(values):
    estimate = Estimate.of(1.0, Uncertainty.of_mean(np.array(values)), 0.95)
    assert np.isnan([estimate.low, estimate.high]).all()


def shares_that_hold(populations, truth, sampled=0.0):
    """How often Student's interval, and ours, hold the truth."""
    student, ours = [], []
    for values in populations:
        uncertainty, mean = Uncertainty.of_mean(values, sampled), values.mean()
        low, high = uncertainty.interval(mean, 0.95)
        reach = stats.t.ppf(0.975, len(values) - 1) * uncertainty.variance**0.5
        student.append(abs(mean - truth) < reach)
        ours.append(low < truth < high)
    return np.mean(student), np.mean(ours)


def test_it_holds_where_students_interval_fails():
    """Exponential errors, n = 20; the standard error of a share of 4,000 is 0.004."""
    populations = np.random.default_rng(0).exponential(1, (4000, 20))
    student, ours = shares_that_hold(populations, 1.0)
    assert student < 0.93 < 0.938 < ours < 0.962


def test_it_holds_for_a_part_of_a_population():
    """60 of 100 exponential numbers, whose third cumulant has the other sign than theirs."""
    generator = np.random.default_rng(0)
    population = generator.exponential(1, 100)
    parts = (generator.permutation(population)[:60] for _ in range(4000))
    student, ours = shares_that_hold(parts, population.mean(), 0.6)
    assert student < 0.945 and 0.94 < ours < 0.962
