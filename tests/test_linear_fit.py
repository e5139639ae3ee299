"""Fits of the quantized linear function: the paper's example, networks with known parameters, brute force."""
from itertools import product

import numpy as np
import pytest
from spaces import networks_of, space_of

from regnet_plugin.arch import architecture_of
from regnet_plugin.architecture import Architecture
from regnet_plugin.linear_fit import e_fit, fit
from regnet_plugin.published import PUBLISHED, parameters
from regnet_plugin.quantized_linear import quantized_linear


def distance(architecture, depth, w_0, w_a, w_m):
    """e_fit of a network and parameters, spelled out block by block from equations 2 to 4."""
    observed = [stage.width for stage in architecture.stages for _ in range(stage.depth)]
    errors = []
    for j, width in enumerate(observed):
        s = np.log((w_0 + w_a * j) / w_0) / np.log(w_m)
        predicted = 8 * np.rint(w_0 * w_m**np.rint(s) / 8)
        errors.append(abs(np.log(predicted / width)))
    return np.mean(errors)


def test_a_distance_by_hand():
    assert e_fit([32, 64, 64, 64], [32, 32, 64, 64]) == pytest.approx(np.log(2) / 4)


@pytest.mark.parametrize('name', PUBLISHED)
def test_published_networks_are_fitted_as_well_as_by_their_own_parameters(name):
    network = architecture_of(name)
    own = {key: parameters(name)[key] for key in ('depth', 'w_0', 'w_a', 'w_m')}
    found = fit(network)
    assert found.e_fit == pytest.approx(distance(network, network.depth, found.w_0, found.w_a, found.w_m), abs=1e-9)
    assert found.e_fit <= distance(network, **own) + 0.005


def test_sampled_regnets_are_fitted_as_well_as_by_their_own_parameters():
    """Their own distance is 0 only before the group-width rule."""
    samples = networks_of(space_of('regnetx'), 150, flops=(360e6, 400e6))
    for sample in samples + networks_of(space_of('regnetx_best'), 50, seed=1):
        own = quantized_linear(*(sample.parameters[key] for key in ('depth', 'w_0', 'w_a', 'w_m'))).widths[0]
        observed = np.repeat(sample.architecture.widths, sample.architecture.depths)
        assert fit(sample.architecture).e_fit <= e_fit(own, observed) + 0.005


def test_no_worse_than_brute_force_on_any_network():
    generator = np.random.default_rng(0)
    for _ in range(12):
        depths, widths = generator.integers(1, 4, 3).tolist(), (8 * generator.integers(1, 24, 3)).tolist()
        network = Architecture.from_lists(depths=depths, widths=widths, block='V')
        grid = product(range(8, 200, 8), np.geomspace(0.5, 400, 60), np.geomspace(1.15, 6, 40))
        grid = [np.array(axis) for axis in zip(*grid)]
        predicted = quantized_linear(np.full(len(grid[0]), network.depth), *grid).widths
        observed = np.repeat(widths, depths)
        assert fit(network).e_fit <= e_fit(np.maximum(predicted, 8), observed).min() + 0.005


def test_constant_and_single_block_networks_are_lines():
    for depths, widths in (([5, 3], [64, 64]), ([1], [48]), ([1, 1], [8, 16]), ([64], [8])):
        network = Architecture.from_lists(depths=depths, widths=widths, block='V')
        assert fit(network).e_fit == pytest.approx(0, abs=1e-9)


def test_the_mean_distance_falls_from_c_to_e():
    """As the paper reports of its populations (figure 8)."""
    means = [np.mean([fit(sample.architecture).e_fit for sample in networks_of(space_of(name), 60, flops=(360e6, 400e6))])
             for name in ('anynetx_c', 'anynetx_d', 'anynetx_e')]
    assert means[0] > 1.2 * means[1] > 1.3 * means[2]
