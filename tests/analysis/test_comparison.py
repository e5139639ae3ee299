"""The verdict: scipy's tests one by one, error rates, and what is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regnet_plugin.analysis import compare, edf, kolmogorov_smirnov
from regnet_plugin.analysis.comparison import holm

pytestmark = pytest.mark.filterwarnings('error')
INFINITY = float('inf')
ERRORS = st.lists(st.integers(0, 20).map(float), min_size=2, max_size=15).filter(
    lambda errors: len(set(errors)) > 1
)


@settings(deadline=None)
@given(ERRORS, ERRORS)
def test_scipy_agrees(first, second):
    (pair,) = compare(dict(first=first, second=second), level=0.1).pairs
    welch = stats.ttest_ind(first, second, equal_var=False)
    interval = welch.confidence_interval(0.9)
    assert (pair.difference, pair.low, pair.high) == pytest.approx(
        (np.mean(first) - np.mean(second), *interval)
    )
    assert pair.p_direction == pytest.approx(welch.pvalue)
    assert pair.test == kolmogorov_smirnov(edf(first), edf(second))
    assert pair.p_value == pair.test.p_value
    wins = 1 - stats.mannwhitneyu(first, second).statistic / (len(first) * len(second))
    assert pair.probability == pytest.approx(wins)
    assert (pair.minimum, pair.n) == ((min(first), min(second)), (len(first), len(second)))
    assert pair.mean == pytest.approx((np.mean(first), np.mean(second)))


def test_scipy_agrees_where_failures_count():
    first, second = np.arange(20.0), np.arange(20.0) * 0.9 + 3
    (pair,) = compare(dict(first=[*first, INFINITY], second=[*second, INFINITY, INFINITY])).pairs
    expected = stats.brunnermunzel([*first, 100], [*second, 100, 100])
    assert pair.p_direction == pytest.approx(expected.pvalue)
    assert np.isnan([pair.difference, pair.low, pair.high]).all()
    assert pair.mean == (INFINITY, INFINITY)


def test_holm():
    """By hand: 0.01 * 4, 0.02 * 3, then 0.02 * 2 < 0.06, 0.5; and a p that does not exist."""
    corrected = holm([0.5, 0.02, float('nan'), 0.01, 0.02])
    assert corrected == pytest.approx([0.5, 0.06, float('nan'), 0.04, 0.06], nan_ok=True)
    assert holm([0.9, 0.8]).tolist() == [1, 1]
    assert holm([]).tolist() == []


def test_equal_spaces_are_called_different_in_less_than_five_percent():
    generator = np.random.default_rng(0)
    errors = generator.gamma(2, 3, (200, 6, 120))
    wrong = sum(any(pair.differ for pair in compare(dict(enumerate(six))).pairs) for six in errors)
    assert 0 < wrong <= 15


def test_different_spaces_are_told_apart_and_the_order_does_not_matter():
    generator = np.random.default_rng(0)
    better, worse = 36 + generator.gamma(2, 1, 200), 37.5 + generator.gamma(2, 1, 180)
    (pair,) = compare(dict(RegNetX=better, AnyNetX_A=worse)).pairs
    (turned,) = compare(dict(AnyNetX_A=worse, RegNetX=better)).pairs
    assert pair.better == turned.better == 'RegNetX'
    assert pair.text == turned.text
    assert pair.difference == -turned.difference
    assert pair.probability == pytest.approx(1 - turned.probability)
    assert pair.low < -1.5 < pair.high < 0


def test_the_sentence():
    """By hand, the standard error is sqrt(2 * 0.354 / 50) = 0.119.

    It is taken times 1.984 or 2.627, for 98 degrees of freedom.
    """
    spread = np.linspace(-1, 1, 50)
    populations = dict(X=36 + spread, A=37.24 + spread, B=37.25 + spread)
    a, b, c = compare(populations).pairs
    assert a.text == (
        'X is better than A: mean error 1.24 points lower (95% interval 1.00 to 1.48), p < 0.001 '
        "after Holm's correction for 3 comparisons"
    )
    assert b.better == 'X'
    assert c.text == (
        "no difference between A and B is shown at n = 50 and 50 (p = 1 after Holm's correction "
        'for 3 comparisons): the mean error of A is 0.01 points lower (95% interval -0.23 to 0.25)'
    )
    (turned,) = compare(populations, [('A', 'X')], level=0.01).pairs
    assert (
        turned.text
        == 'X is better than A: mean error 1.24 points lower (99% interval 0.93 to 1.55), p < 0.001'
    )
    (same,) = compare(populations, [('B', 'A')]).pairs
    assert same.text.endswith(
        '(p = 1): the mean error of B is 0.01 points higher (95% interval -0.23 to 0.25)'
    )


def test_the_test_decides_where_the_interval_alone_would():
    errors = np.random.default_rng(0).normal(size=(2, 40))
    errors = (errors - errors.mean(axis=1, keepdims=True)) + [[0], [0.5]]
    (alone,) = compare(dict(A=errors[0], B=errors[1])).pairs
    pair = compare(dict(A=errors[0], B=errors[1], C=errors[0])).pairs[0]
    assert (alone.better, pair.better, pair.differ) == ('A', None, False)
    assert pair.p_value == pytest.approx(3 * alone.p_value)
    assert (pair.low, pair.high) == (alone.low, alone.high)
    assert pair.text.startswith('no difference between A and B is shown at n = 40 and 40 (p = 0.0')
    assert pair.text.endswith('), but the test decides')


def test_different_without_a_better_one():
    (pair,) = compare(dict(narrow=np.linspace(39, 41, 100), wide=np.linspace(30, 50, 100))).pairs
    assert pair.differ
    assert pair.better is None
    assert pair.text == (
        'narrow and wide differ (p < 0.001), but which is better is not shown: the mean error of '
        'narrow is 0.0 points lower (95% interval -1.2 to 1.2)'
    )


def test_failed_ones_that_count():
    """Of 51^2 pairs A loses 91 + 50 and ties in one."""
    finite = np.linspace(30, 50, 50)
    (pair,) = compare(dict(A=np.append(finite, INFINITY), B=np.append(finite + 15, INFINITY))).pairs
    assert pair.better == 'A'
    assert (
        pair.text
        == 'A is better than B: a random network of A has less error in 94.6% of the pairs, p < '
        '0.001'
    )
    (turned,) = compare(dict(B=np.append(finite + 15, INFINITY), A=finite)).pairs
    assert turned.difference == INFINITY
    assert turned.text.startswith('A is better than B: a random network of A has less error in 9')


def test_few_tied_and_failed_networks():
    populations = dict(
        none=[], one=[5.0], two=[7.0, 7.0], tied=[6.0] * 30, same=[6.0] * 40, failed=[INFINITY] * 30
    )
    found = {(pair.first, pair.second): pair for pair in compare(populations).pairs}
    assert len(found) == 15
    assert compare(populations).comparisons == 10
    assert found['none', 'one'].text == 'none and one are not compared at n = 0 and 1'
    for name in ('one', 'two', 'tied', 'failed'):
        empty = found['none', name]
        assert not empty.differ and empty.better is None
        assert np.isnan(
            [empty.difference, empty.probability, empty.p_value, empty.p_direction]
        ).all()
    assert found['one', 'two'].text == (
        "no difference between one and two is shown at n = 1 and 2 (p = 1 after Holm's correction "
        'for 10 comparisons): the mean error of one is 2.00 points lower'
    )
    same = found['tied', 'same']
    assert (same.difference, same.low, same.high, same.p_value, same.probability) == (
        0,
        0,
        0,
        1,
        0.5,
    )
    assert same.better is None
    assert found['tied', 'failed'].better == 'tied'
    assert compare({}).pairs == ()
    assert compare(dict(alone=[1])).pairs == ()


def test_pairs_of_choice():
    populations = dict(A=[1, 2], B=[2, 3], C=[3, 4])
    found = compare(populations, [('C', 'A'), ('B', 'A')])
    assert [(pair.first, pair.second) for pair in found.pairs] == [('C', 'A'), ('B', 'A')]
    assert (found.comparisons, found.correction, found.level) == (2, 'Holm', 0.05)
    assert 'Kolmogorov-Smirnov' in found.test
    with pytest.raises(ValueError, match='pairs must be of A, B, C, but they name D'):
        compare(populations, [('A', 'D')])
    with pytest.raises(ValueError, match='level must be between 0 and 1, but it is 5'):
        compare(populations, level=5)
    with pytest.raises(ValueError, match=r'errors\[0\] is nan'):
        compare(dict(A=[float('nan')]))


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(0, 1e-150), max_size=4), min_size=2, max_size=3))
def test_tiny_spreads_are_defined(lists):
    for pair in compare(dict(enumerate(lists))).pairs:
        assert pair.text
