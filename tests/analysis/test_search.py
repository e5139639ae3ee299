"""Efficiency of random search: published values, and enumeration of all that can be drawn."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regnet_plugin.analysis import best_of, draws_needed

pytestmark = pytest.mark.filterwarnings('error')
INFINITY, NAN = float('inf'), float('nan')


def test_the_trained_population(trained):
    draws = [int(count) for count in trained.random_search]
    for kind, replacement in (('with', True), ('without', False)):
        found = best_of(trained.errors, draws, replacement=replacement)
        expected = [values[f'mean_{kind}_replacement'] for values in trained.random_search.values()]
        assert found.mean == pytest.approx(expected, abs=6e-5)
        assert found.draws.tolist() == draws
    found = best_of(trained.errors, draws)
    expected = [values['sd_with_replacement'] for values in trained.random_search.values()]
    assert found.deviation == pytest.approx(expected, abs=6e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.data())
def test_all_that_can_be_drawn(errors, data):
    weights = data.draw(st.lists(st.integers(1, 4), min_size=len(errors), max_size=len(errors)))
    shares = np.array(weights) / sum(weights)
    for count in range(1, len(errors) + 1):
        indices = np.array(list(product(range(len(errors)), repeat=count)))
        best, chances = np.array(errors)[indices].min(axis=1), shares[indices].prod(axis=1)
        found = best_of(errors, [count], weights)
        assert found.mean[0] == pytest.approx(best @ chances)
        assert found.deviation[0] == pytest.approx(
            np.sqrt((best - best @ chances) ** 2 @ chances), abs=1e-7
        )
        best = [min(some) for some in combinations(errors, count)]
        found = best_of(errors, count, replacement=False)
        assert found.mean[0] == pytest.approx(np.mean(best))
        assert found.deviation[0] == pytest.approx(np.std(best), abs=1e-7)


def test_failed_networks_that_count():
    errors = [1.0, 3.0, INFINITY]
    found = best_of(errors, [1, 2, 3])
    assert found.mean.tolist() == [INFINITY] * 3  # all that are drawn may have failed
    assert np.isnan(found.deviation).all()
    found = best_of(errors, [1, 2, 3], replacement=False)
    assert found.mean == pytest.approx([INFINITY, (1 + 1 + 3) / 3, 1])
    assert draws_needed(errors, 0.1) is None
    assert best_of([INFINITY] * 2, 2, replacement=False).mean.tolist() == [INFINITY]


def test_no_network_one_and_ties():
    nothing = best_of([], [1, 5])
    assert np.isnan([nothing.mean, nothing.deviation]).all()
    assert draws_needed([], 1) is None
    for errors in ([7.0], [7.0] * 4):
        found = best_of(errors, [1, 100])
        assert (found.mean.tolist(), found.deviation.tolist()) == ([7, 7], [0, 0])
        assert draws_needed(errors, 0.01) == 1


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.floats(0.01, 20))
def test_the_least_number_of_draws_that_suffices(errors, tolerance):
    needed = draws_needed(errors, tolerance)
    few = best_of(errors, [max(1, needed - 1), needed]).mean - min(errors)
    assert few[1] <= tolerance * (1 + 1e-9)
    assert needed == 1 or few[0] >= tolerance * (1 - 1e-9)


def test_the_trained_population_needs_some_sixteen(trained):
    """Expected best errors: 35.4734 of 8, 35.2153 of 16, 35.0674 of 32; the minimum is 34.984."""
    assert 8 < draws_needed(trained.errors, 0.4) < draws_needed(trained.errors, 0.2313) == 16
    assert 16 < draws_needed(trained.errors, 0.0835) <= 32


@pytest.mark.parametrize('replacement', [True, False])
def test_many_networks(replacement):
    """The best of m uniform ones has the mean 1 / (m + 1), and there are 10^5 of them."""
    errors = (np.arange(100_000) + 0.5) / 100_000
    draws = np.array([1, 2, 10, 500, 30_000])
    found = best_of(errors, draws, replacement=replacement)
    assert found.mean == pytest.approx(1 / (draws + 1), abs=1e-5)
    assert found.deviation[:4] == pytest.approx(
        (np.sqrt(draws / (draws + 2)) / (draws + 1))[:4], rel=0.01
    )


@pytest.mark.parametrize(
    'arguments, rule',
    [
        (dict(draws=[0]), r'at least 1, but they are \[0\]'),
        (dict(draws=[]), r'integers of at least 1, but they are \[\]'),
        (dict(draws=[1.5]), r'integers.*1\.5'),
        (
            dict(draws=[4], replacement=False),
            'at most n = 3 without replacement, but they are up to 4',
        ),
        (
            dict(draws=[1], weights=[1, 1, 1], replacement=False),
            'weights must be None without replacement',
        ),
    ],
)
def test_what_is_refused(arguments, rule):
    with pytest.raises(ValueError, match=rule):
        best_of([1, 2, 3], **arguments)
    with pytest.raises(ValueError, match='tolerance must be above 0, but it is 0'):
        draws_needed([1], 0)
