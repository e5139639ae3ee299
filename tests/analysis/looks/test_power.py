"""How many trainings find a difference: textbook numbers, and as often as by drawing."""

import numpy as np
import pytest

from regnet_plugin.analysis import (
    look_bounds,
    trainings_at_once,
    trainings_by_looks,
    trainings_for_equality,
)


def test_of_medium_effect_63_of_each_are_needed():
    """Half a deviation, 80% power, 5%: 62.8 by the normal law (Cohen 1988 has 64, by the t)."""
    assert trainings_at_once(0.5, 2.0) == trainings_at_once(-1.0, 8.0) == 63


def test_a_smaller_difference_takes_as_many_times_more():
    assert trainings_at_once(0.25, 2.0) == pytest.approx(4 * 62.8, abs=1)


def test_by_looks_more_are_planned_and_fewer_needed():
    """By drawing: the power is 80% at least, with a look less it is not, and the mean is right."""
    found = trainings_by_looks(2.0, 30.0, every=10)
    at_once = trainings_at_once(2.0, 30.0)
    assert found.expected < at_once < found.planned
    draw, looks = np.random.default_rng(0), found.planned // 10

    def ends(looks):
        differences = 2 + draw.standard_normal((20_000, looks)) * np.sqrt(30 / 10)
        numbers = np.arange(1, looks + 1)
        z = differences.cumsum(axis=1) / np.sqrt(30 / 10 * numbers)
        crossed = np.abs(z) > look_bounds(looks)
        return crossed.any(axis=1), np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, looks)

    decided, ended = ends(looks)
    assert decided.mean() > 0.79 and 10 * ended.mean() == pytest.approx(found.expected, rel=0.02)
    assert ends(looks - 1)[0].mean() < 0.81


def test_that_equal_spaces_are_equal_is_shown_by_drawing():
    """In 80% of the cases the interval of the difference lies within the margin."""
    n = trainings_for_equality(0.5, 8.0)
    differences = np.random.default_rng(0).standard_normal(20_000) * np.sqrt(8 / n)
    within = np.abs(differences) + 1.96 * np.sqrt(8 / n) < 0.5
    assert within.mean() == pytest.approx(0.8, abs=0.02)


def test_what_takes_more_than_a_hundred_looks_is_not_planned():
    assert trainings_by_looks(0.01, 30.0, every=10) is None


@pytest.mark.parametrize(
    'call, message',
    [
        (lambda: trainings_at_once(0.0, 1.0), 'difference must be a number above 0, but it is 0'),
        (lambda: trainings_at_once(1.0, 0.0), 'variance must be a number above 0'),
        (lambda: trainings_at_once(1.0, float('nan')), 'variance must be a number above 0'),
        (lambda: trainings_by_looks(1.0, 1.0, every=0), 'every must be a number above 0'),
        (lambda: trainings_for_equality(-1.0, 1.0), 'margin must be a number above 0'),
        (lambda: trainings_at_once(1.0, 1.0, confidence=1.0), 'confidence must be between 0 and 1'),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
