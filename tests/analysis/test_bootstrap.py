"""The empirical bootstrap in closed form: published values, the simulation of footnote 4, laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regnet_plugin.analysis import empirical_bootstrap, empirical_bootstraps, win_probabilities

pytestmark = pytest.mark.filterwarnings('error')
INFINITY, NAN = float('inf'), float('nan')


def simulated(values, errors, generator, repeats=10_000):
    """Percentiles of the bootstrap of footnote 4, simulated to the letter.

    The best of 25% of the pairs is drawn with replacement 10^4 times.
    """
    drawn = generator.integers(len(errors), size=(repeats, max(1, len(errors) // 4)))
    kept = values[drawn[np.arange(repeats), errors[drawn].argmin(axis=1)]]
    return np.quantile(kept, (0.025, 0.5, 0.975), method='inverted_cdf')


def test_the_trained_population(trained):
    expected = trained.bootstrap
    order = np.argsort(trained.errors)
    assert trained.columns['id'][order].astype(int).tolist() == trained.ids_by_error
    wins = win_probabilities(trained.errors, expected['draws'])
    assert wins[order][:6] == pytest.approx(expected['win_probabilities'], abs=1e-6)
    columns = {name: trained.columns[name] for name in expected['ranges']}
    for name, found in empirical_bootstraps(columns, trained.errors).items():
        assert [found.low, found.median, found.high] == expected['ranges'][name], name
        assert (found.n, found.draws, found.left_out, found.networks) == (32, 8, 0, 10)
        assert found == empirical_bootstrap(columns[name], trained.errors)


@pytest.mark.parametrize('name', ['d', 'w_0', 'w_a', 'w_m', 'g', 'flops', 'params', 'acts'])
def test_the_simulation_agrees_to_an_atom(trained, name):
    values = trained.columns[name]
    found = empirical_bootstrap(values, trained.errors)
    atoms = np.unique(values)
    drawn = simulated(values, trained.errors, np.random.default_rng(0))
    distance = np.searchsorted(atoms, drawn) - np.searchsorted(
        atoms, [found.low, found.median, found.high]
    )
    assert np.abs(distance).max() <= 1


def test_the_simulation_agrees_on_probabilities_with_ties():
    generator = np.random.default_rng(1)
    errors = generator.integers(0, 12, 40).astype(float)
    drawn = generator.integers(40, size=(100_000, 10))
    best = errors[drawn].min(axis=1)
    shares = [np.mean(best == error) / np.sum(errors == error) for error in errors]
    assert win_probabilities(errors, 10) == pytest.approx(shares, abs=0.004)


def test_by_hand():
    assert win_probabilities(np.arange(8), 2) * 64 == pytest.approx([15, 13, 11, 9, 7, 5, 3, 1])
    assert win_probabilities([5, 1, 1, 4, 3, 2, 9, 8], 2)[1:3] * 64 == pytest.approx([14, 14])
    assert win_probabilities([4, 3, 2, 1], 1).tolist() == [0.25] * 4
    assert win_probabilities([], 3).tolist() == []


@pytest.mark.parametrize(
    'n, best, on_95, on_99',
    [
        (32, 0.2243, 10, 15),
        (100, 0.222, 12, 17),
        (500, 0.2214, 12, 19),
        (100_000, 1 - np.exp(-0.25), 12, 19),
    ],
)
def test_how_few_networks_a_range_rests_on(n, best, on_95, on_99):
    errors = np.random.default_rng(0).permutation(n).astype(float)
    assert win_probabilities(errors, n // 4).max() == pytest.approx(best, abs=5e-4)
    assert empirical_bootstrap(errors, errors).networks == on_95
    assert empirical_bootstrap(errors, errors, level=0.99).networks == on_99


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.one_of(st.integers(0, 5).map(float), st.just(INFINITY))),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_laws(pairs, random):
    values, errors = np.array(pairs, dtype=float).T
    found = empirical_bootstrap(values, errors)
    assert found.low <= found.median <= found.high
    assert {found.low, found.median, found.high} <= set(values)
    wins = win_probabilities(errors, max(1, len(pairs) // 4))
    assert wins.sum() == pytest.approx(1)
    assert (np.diff(wins[np.argsort(errors, kind='stable')]) <= 1e-12).all()
    random.shuffle(pairs)
    values, errors = np.array(pairs, dtype=float).T
    assert empirical_bootstrap(values, errors) == found
    # only the order of the errors matters
    assert empirical_bootstrap(values, np.exp(errors)) == found


@pytest.mark.parametrize('n', range(2, 40))
def test_a_level_that_is_reached_exactly_is_reached(n):
    """All networks are tied: each has the probability 1 / n.

    The median of an even number is the lower one.
    """
    found = empirical_bootstrap(np.arange(n), np.full(n, 50.0))
    assert found.median == (n + 1) // 2 - 1
    assert found.networks == np.ceil(np.round(0.95 * n, 9))


def test_unknown_values_are_left_out_with_their_errors():
    values, errors = np.array([1, NAN, 3, 4, NAN, 6, 7]), np.array([5.0, 1, 4, 3, 2, 8, 9])
    known = ~np.isnan(values)
    found = empirical_bootstrap(values, errors)
    assert (found.n, found.left_out, found.draws) == (5, 2, 1)
    without = empirical_bootstrap(values[known], errors[known])
    assert (
        (found.low, found.median, found.high)
        == (without.low, without.median, without.high)
        == (1, 4, 7)
    )


def test_no_network_and_one():
    for nothing in (empirical_bootstrap([], []), empirical_bootstrap([NAN], [1])):
        assert np.isnan([nothing.low, nothing.median, nothing.high]).all()
        assert (nothing.n, nothing.draws, nothing.networks) == (0, 0, 0)
    one = empirical_bootstrap([7], [INFINITY])
    assert (one.low, one.median, one.high, one.n, one.draws, one.networks) == (7, 7, 7, 1, 1, 1)


def test_draws_are_the_floor_of_the_fraction():
    assert [empirical_bootstrap(range(n), range(n)).draws for n in (1, 3, 4, 7, 8, 500)] == [
        1,
        1,
        1,
        1,
        2,
        125,
    ]
    assert empirical_bootstrap(range(100), range(100), fraction=0.29).draws == 29


@pytest.mark.parametrize(
    'arguments, rule',
    [
        (dict(values=[1], errors=[1, 2]), r'equally long.*values \(1,\), errors \(2,\)'),
        (dict(values=[1], errors=[NAN]), r'errors\[0\] is nan'),
        (dict(values=[1], errors=[1], level=1), 'level must be between 0 and 1'),
        (dict(values=[1], errors=[1], fraction=0), 'fraction must be above 0'),
    ],
)
def test_what_is_refused(arguments, rule):
    with pytest.raises(ValueError, match=rule):
        empirical_bootstrap(**arguments)
    with pytest.raises(ValueError, match='draws must be at least 1, but it is 0'):
        win_probabilities([1], 0)
