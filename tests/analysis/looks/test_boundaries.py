"""Boundaries of looks: the published ones, and the chances that they are made of."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from regnet_plugin.analysis import (
    chance_over_looks,
    crossing_chances,
    look_bounds,
    trainings_at_once,
)

# Jennison and Turnbull, Group Sequential Methods, table 2.1: Pocock's, the same at all looks
POCOCK = {
    0.05: {1: 1.960, 2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413, 8: 2.512, 10: 2.555, 20: 2.672},
    0.01: {1: 2.576, 2: 2.772, 3: 2.873, 5: 2.986, 10: 3.117},
}
# and table 2.3: O'Brien and Fleming's, at the last look
OBRIEN_FLEMING = {1: 1.960, 2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040, 10: 2.087}


@pytest.mark.parametrize('level', POCOCK)
def test_boundaries_that_are_the_same_are_those_of_the_tables(level):
    for looks, expected in POCOCK[level].items():
        np.testing.assert_allclose(look_bounds(looks, level, 0.5), expected, atol=0.0006)


def test_boundaries_that_come_nearer_are_those_of_the_tables():
    for looks, expected in OBRIEN_FLEMING.items():
        bounds = look_bounds(looks, shape=0.0)
        np.testing.assert_allclose(bounds * np.sqrt(np.arange(1, looks + 1) / looks), bounds[-1])
        assert bounds[-1] == pytest.approx(expected, abs=0.0006), looks


@pytest.mark.parametrize('looks', [1, 2, 5, 10, 20])
def test_boundaries_keep_the_level_and_are_nearest_at_the_first_look(looks):
    bounds = look_bounds(looks)
    assert crossing_chances(bounds)[-1] == pytest.approx(0.05)
    assert (np.diff(bounds) > 0).all()


@pytest.mark.parametrize('looks', [5, 10, 20])
def test_the_shape_takes_the_fewest_trainings_by_its_rule(looks):
    """In the mean over differences that one test finds after one round to after all rounds."""
    rounds = np.geomspace(1, looks, 25)  # with a chance of 80%
    drifts = np.sqrt(trainings_at_once(1.0, 1e6) / 1e6 / rounds)

    def trainings(shape):
        bounds = look_bounds(looks, shape=shape)
        expected = [looks - crossing_chances(bounds, drift)[:-1].sum() for drift in drifts]
        return np.mean(expected / rounds)

    found = {shape: trainings(shape) for shape in (0.25, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)}
    assert found[0.6] < 1.01 * min(found.values())
    assert found[0.5] > 1.015 * found[0.6]


@pytest.mark.parametrize('drift', [0.0, 0.7, -2.0])
def test_chances_are_those_of_the_multivariate_normal(drift):
    """The sums' correlations are sqrt(i / j), and scipy integrates over the box that is kept."""
    looks, bounds = np.arange(1, 5), np.array([1.5, 1.6, 1.8, 1.7])
    correlations = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    expected = []
    for number in looks:
        box = bounds[:number]
        law = multivariate_normal(drift * np.sqrt(looks[:number]), correlations[:number, :number])
        expected.append(1 - law.cdf(box, lower_limit=-box, rng=0))
    np.testing.assert_allclose(crossing_chances(bounds, drift), expected, atol=2e-5)


def test_a_difference_that_is_there_is_found_as_often_as_by_drawing():
    draw, repetitions = np.random.default_rng(0), 40_000
    sums = (draw.standard_normal((repetitions, 10)) + 0.9).cumsum(axis=1)
    crossed = np.abs(sums) / np.sqrt(np.arange(1, 11)) > 2.5
    found = np.maximum.accumulate(crossed, axis=1).mean(axis=0)
    np.testing.assert_allclose(crossing_chances([2.5] * 10, 0.9), found, atol=0.01)


@pytest.mark.parametrize('looks', [1, 3, 10])
def test_a_p_value_over_all_looks_is_the_level_at_the_boundary(looks):
    for look, bound in enumerate(look_bounds(looks, 0.05).tolist(), 1):
        assert chance_over_looks(2 * norm.sf(bound), look, looks) == pytest.approx(0.05)
        p_values = [1e-12, 1e-4, 0.01, 0.2, 0.9]
        over_looks = [chance_over_looks(p_value, look, looks) for p_value in p_values]
        assert over_looks == sorted(over_looks)
        for p_value, over_all in zip(p_values, over_looks):
            assert p_value - 1e-9 <= over_all <= 1


def test_certain_p_values_stay_so():
    assert chance_over_looks(0.0, 2, 5) == 0 and chance_over_looks(1.0, 2, 5) == 1
    assert np.isnan(chance_over_looks(float('nan'), 2, 5))


@pytest.mark.parametrize('drift', [0.0, 30.0, -30.0])
@pytest.mark.parametrize('bound', [1e-3, 40.0])
def test_far_away_and_near_chances_stay_chances(bound, drift):
    found = crossing_chances([bound] * 30, drift)
    assert found.shape == (30,) and (np.diff(found) >= 0).all()
    assert found[0] >= 0 and found[-1] <= 1
    assert found[-1] == pytest.approx(1 if bound < 1 or drift else 0, abs=1e-6)


@pytest.mark.parametrize(
    'looks, level, message', [(0, 0.05, 'at least one look'), (3, 0.0, 'level'), (3, 1.0, 'level')]
)
def test_what_is_refused(looks, level, message):
    with pytest.raises(ValueError, match=message):
        look_bounds(looks, level)


@pytest.mark.parametrize('look', [0, 4])
def test_a_look_that_is_not_planned_is_refused(look):
    with pytest.raises(ValueError, match=f'look must be from 1 to 3, but it is {look}'):
        chance_over_looks(0.01, look, 3)
