"""Boundaries of looks: the published ones, and the chances that they are made of."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from regnet_plugin.analysis import chance_over_looks, crossing_chances, pocock_bound

# Jennison and Turnbull, Group Sequential Methods, table 2.1
PUBLISHED = {
    0.05: {1: 1.960, 2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 8: 2.512, 10: 2.555, 20: 2.672},
    0.01: {1: 2.576, 2: 2.772, 3: 2.873, 5: 2.986, 10: 3.117},
}


@pytest.mark.parametrize('level', PUBLISHED)
def test_boundaries_are_those_of_the_tables(level):
    for looks, expected in PUBLISHED[level].items():
        assert pocock_bound(looks, level) == pytest.approx(expected, abs=0.0006), looks


@pytest.mark.parametrize('drift', [0.0, 0.7, -2.0])
def test_chances_are_those_of_the_multivariate_normal(drift):
    """The sums' correlations are sqrt(i / j), and scipy integrates over the box that is kept."""
    looks, bound = np.arange(1, 5), 1.7
    correlations = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    expected = []
    for number in looks:
        box = np.full(number, bound)
        law = multivariate_normal(drift * np.sqrt(looks[:number]), correlations[:number, :number])
        expected.append(1 - law.cdf(box, lower_limit=-box, rng=0))
    np.testing.assert_allclose(crossing_chances(bound, 4, drift), expected, atol=2e-5)


def test_a_difference_that_is_there_is_found_as_often_as_by_drawing():
    draw, repetitions = np.random.default_rng(0), 40_000
    sums = (draw.standard_normal((repetitions, 10)) + 0.9).cumsum(axis=1)
    crossed = np.abs(sums) / np.sqrt(np.arange(1, 11)) > 2.5
    found = np.maximum.accumulate(crossed, axis=1).mean(axis=0)
    np.testing.assert_allclose(crossing_chances(2.5, 10, 0.9), found, atol=0.01)


@pytest.mark.parametrize('looks', [1, 3, 10])
def test_a_p_value_over_all_looks_is_the_level_at_the_boundary(looks):
    at_bound = 2 * norm.sf(pocock_bound(looks, 0.05))
    assert chance_over_looks(at_bound, looks) == pytest.approx(0.05)
    p_values = [1e-12, 1e-4, 0.01, 0.2, 0.9]
    over_looks = [chance_over_looks(p_value, looks) for p_value in p_values]
    assert over_looks == sorted(over_looks)
    for p_value, over_all in zip(p_values, over_looks):
        assert p_value - 1e-9 <= over_all <= looks * p_value + 1e-9


def test_certain_p_values_stay_so():
    assert chance_over_looks(0.0, 5) == 0 and chance_over_looks(1.0, 5) == 1
    assert np.isnan(chance_over_looks(float('nan'), 5))


@pytest.mark.parametrize('drift', [0.0, 30.0, -30.0])
@pytest.mark.parametrize('bound', [1e-3, 40.0])
def test_far_away_and_near_chances_stay_chances(bound, drift):
    found = crossing_chances(bound, 30, drift)
    assert found.shape == (30,) and (np.diff(found) >= 0).all()
    assert found[0] >= 0 and found[-1] <= 1
    assert found[-1] == pytest.approx(1 if bound < 1 or drift else 0, abs=1e-6)


@pytest.mark.parametrize(
    'looks, level, message', [(0, 0.05, 'at least one look'), (3, 0.0, 'level'), (3, 1.0, 'level')]
)
def test_what_is_refused(looks, level, message):
    with pytest.raises(ValueError, match=message):
        pocock_bound(looks, level)
