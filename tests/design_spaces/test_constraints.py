"""Which of some networks keep the bounds, at the ends of intervals and on both sides of limits."""

from dataclasses import fields

import numpy as np
import pytest

from regnet_plugin.core.complexity import COMPLEXITY_FIELDS, COUNTS, Complexities
from regnet_plugin.design_spaces.constraints import BOUNDED, PREDICTED, Constraints


def counts(**given):
    """Counts of n networks: those that are given, and others that are allowed anywhere."""
    n = len(next(iter(given.values())))
    arrays = {name: np.array(values, dtype=np.int64) for name, values in given.items()}
    ones = np.ones(n, dtype=np.int64)
    return Complexities(**{name: arrays.get(name, ones) for name in COMPLEXITY_FIELDS})


def test_what_is_bounded_can_be_given():
    assert {field.name for field in fields(Constraints)} == {
        *BOUNDED,
        *PREDICTED,
        'device',
        'limits',
    }


@pytest.mark.parametrize('name', COUNTS)
def test_both_ends_of_an_interval_belong_to_it(name):
    constraints = Constraints(**{name: (10, 20)})
    assert constraints.allow(counts(**{name: [9, 10, 20, 21]}), 4).tolist() == [0, 1, 1, 0]


def test_both_ends_of_an_interval_of_stages_belong_to_it():
    constraints = Constraints(stages=(3, 4))
    two = counts(flops=[1, 1])
    assert [constraints.allow(two, stages).tolist() for stages in (2, 3, 4, 5)] == [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
    ]


def test_limits_are_those_at_the_upper_end_of_the_flop_regime_and_excluded():
    """At 4 GF there may be less than 4 M parameters and 2 M activations.

    It is so wherever in the regime a network is.
    """
    limits = dict(parameters=dict(linear=1e6), activations=dict(root=1e6))
    constraints = Constraints(flops=(1e9, 4e9), limits=limits)
    networks = counts(
        flops=[1e9, 1e9, 1e9, 4e9, 4e9],
        parameters=[4e6 - 1, 4e6, 1, 4e6 - 1, 1],
        activations=[2e6 - 1, 1, 2e6, 2e6 - 1, 2e6],
    )
    assert constraints.allow(networks, 4).tolist() == [1, 0, 0, 1, 0]


def test_without_an_upper_end_limits_are_those_at_the_networks_own_flops():
    constraints = Constraints(flops=(1e9, None), limits=dict(parameters=dict(linear=1e6)))
    networks = counts(flops=[1e9, 1e9, 4e9], parameters=[1e6 - 1, 1e6, 4e6 - 1])
    assert constraints.allow(networks, 4).tolist() == [1, 0, 1]
