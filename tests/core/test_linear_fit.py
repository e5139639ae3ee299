"""Fits of the quantized linear function are as good as they can be.

The truth is the paper's example, networks with known parameters, and brute force.
"""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from spaces import networks_of, space_of

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.linear_fit import e_fit, fit, fit_all
from regnet_plugin.core.linear_fit.level_sequences import sequences_of
from regnet_plugin.core.published import PUBLISHED, parameters
from regnet_plugin.core.quantized_linear import quantized_linear


def network(depths, widths):
    return Architecture.from_lists(depths=depths, widths=widths, block='V')


def distance(architecture, depth, w_0, w_a, w_m):
    """e_fit of a network and parameters, spelled out block by block from equations 2 to 4."""
    observed = [stage.width for stage in architecture.stages for _ in range(stage.depth)]
    errors = []
    for j, width in enumerate(observed):
        s = np.log((w_0 + w_a * j) / w_0) / np.log(w_m)
        predicted = 8 * np.rint(w_0 * w_m ** np.rint(s) / 8)
        errors.append(abs(np.log(predicted / width)))
    return np.mean(errors)


def test_a_distance_by_hand():
    assert e_fit([32, 64, 64, 64], [32, 32, 64, 64]) == pytest.approx(np.log(2) / 4)


@pytest.mark.parametrize('name', PUBLISHED)
def test_published_networks_are_fitted_as_well_as_by_their_own_parameters(name):
    architecture = architecture_of(name)
    own = {key: parameters(name)[key] for key in ('depth', 'w_0', 'w_a', 'w_m')}
    found = fit(architecture)
    itself = distance(architecture, architecture.depth, found.w_0, found.w_a, found.w_m)
    assert found.e_fit == pytest.approx(itself, abs=1e-9)
    assert found.e_fit <= distance(architecture, **own) + 1e-9


def test_sampled_regnets_are_fitted_as_well_as_by_their_own_parameters():
    """Their own distance is 0 only before the group-width rule."""
    samples = networks_of(space_of('regnetx'), 150, flops=(360e6, 400e6))
    samples += networks_of(space_of('regnetx_best'), 50, seed=1)
    for sample, found in zip(samples, fit_all([sample.architecture for sample in samples])):
        own = quantized_linear(
            *(sample.parameters[key] for key in ('depth', 'w_0', 'w_a', 'w_m'))
        ).widths[0]
        observed = np.repeat(sample.architecture.widths, sample.architecture.depths)
        assert found.e_fit <= e_fit(own, observed) + 1e-9


@example(depth=40, w_0=18, w_a=225.0, w_m=2.5)  # widths of which a step of 8 is little
@example(depth=36, w_0=1, w_a=300.0, w_m=6.4)  # one block far wider than another
@settings(max_examples=200, deadline=None)
@given(
    depth=st.integers(1, 40), w_0=st.integers(1, 40), w_a=st.floats(0, 300), w_m=st.floats(1.1, 8)
)
def test_what_the_function_gives_is_fitted_without_error(depth, w_0, w_a, w_m):
    function = quantized_linear(depth, 8 * w_0, w_a, w_m)
    assume(function.levels.max() <= 5)
    widths, depths = np.unique(function.widths[0], return_counts=True)
    assert fit(network(depths.tolist(), widths.tolist())).e_fit == pytest.approx(0, abs=1e-9)


def test_no_worse_than_brute_force_on_any_network():
    generator = np.random.default_rng(0)
    for _ in range(12):
        depths, widths = (
            generator.integers(1, 4, 3).tolist(),
            (8 * generator.integers(1, 24, 3)).tolist(),
        )
        architecture = network(depths, widths)
        grid = product(range(8, 200, 8), np.geomspace(0.5, 400, 60), np.geomspace(1.15, 6, 40))
        grid = [np.array(axis) for axis in zip(*grid)]
        predicted = quantized_linear(np.full(len(grid[0]), architecture.depth), *grid).widths
        observed = np.repeat(widths, depths)
        assert fit(architecture).e_fit <= e_fit(np.maximum(predicted, 8), observed).min() + 1e-9


@settings(max_examples=150, deadline=None)
@given(depth=st.integers(2, 32), slope=st.floats(0.08, 2.08), ratio=st.floats(0, 100))
def test_every_sequence_of_levels_is_tried_with_the_w_m_that_give_it(depth, slope, ratio):
    position = np.log1p(ratio * np.arange(depth)) / slope
    # the bounds of what is tried, see level_sequences.py
    assume(position[-1] < 10.49 and ratio * (depth - 1) < 2000)
    assume(np.abs(position % 1 - 0.5).min() > 1e-4)  # not at the edge of the sequence's values
    sequences = sequences_of(depth)
    # two where three curves meet
    at = np.flatnonzero((sequences.levels == np.rint(position)).all(axis=1))
    assert len(at) and (sequences.low[at] <= slope).all() and (slope <= sequences.high[at]).all()


@pytest.mark.parametrize('depth', [2, 3, 7, 12, 20, 32, 40])
def test_only_sequences_that_the_function_gives_are_tried(depth):
    """Each level k begins with the block that the function says.

    Its first block i is such that (w_m ** (k - 1/2) - 1) / i < w_a / w_0 <= the same with i - 1.
    """
    sequences = sequences_of(depth)
    levels = np.arange(1, 12)
    first = np.array(
        [[np.searchsorted(row, level) for level in levels] for row in sequences.levels]
    )
    for slopes in (sequences.low, sequences.high):
        steps = np.expm1(slopes[:, None].astype(float) * (levels - 0.5))
        least = np.where(first < depth, steps / first, 0).max(axis=1)
        last = np.where(first > 1, steps / np.maximum(first - 1, 1), np.inf).min(axis=1)
        assert (least < last).all()


@pytest.mark.parametrize(
    'depths, widths',
    [([5, 3], [64, 64]), ([1], [48]), ([1, 1], [8, 16]), ([64], [8]), ([3, 9], [1024, 8000])],
)
def test_constant_networks_and_those_of_two_widths(depths, widths):
    assert fit(network(depths, widths)).e_fit == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    'depths, widths, error',
    [
        ([4], [4], np.log(8 / 4)),  # no width is less than 8
        ([9], [12], np.log(16 / 12)),  # 16 is nearer than 8, by the ratio
        ([2, 2], [512, 8], np.log(512 / 8) / 2),  # widths do not fall
    ],
)
def test_networks_that_no_parameters_give(depths, widths, error):
    assert fit(network(depths, widths)).e_fit == pytest.approx(error)


def test_many_are_fitted_as_each_alone():
    generator = np.random.default_rng(1)
    networks = [
        network(
            generator.integers(1, 5, size).tolist(), (4 * generator.integers(1, 99, size)).tolist()
        )
        for size in (1, 2, 4, 4, 4, 9, 20, 4, 2)
        for _ in range(4)
    ]
    assert fit_all(iter(networks)) == [fit(architecture) for architecture in networks]
    assert fit_all([]) == []


def test_degenerate_networks_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        fit_all(
            [
                network([1], [1]),
                network([1], [2**20]),
                network([256], [8]),
                network([4] * 64, [8, 2**20] * 32),
            ]
        )


def test_a_network_that_is_too_deep():
    with pytest.raises(
        ValueError, match='a network must have at most 256 blocks to be fitted, but it has 257'
    ):
        fit_all([network([3], [8]), network([257], [8])])


def test_the_mean_distance_falls_from_c_to_e():
    """As the paper reports of its populations (figure 8)."""
    means = []
    for name in ('anynetx_c', 'anynetx_d', 'anynetx_e'):
        samples = networks_of(space_of(name), 60, flops=(360e6, 400e6))
        means.append(
            np.mean([found.e_fit for found in fit_all([sample.architecture for sample in samples])])
        )
    assert means[0] > 1.2 * means[1] > 1.3 * means[2]
