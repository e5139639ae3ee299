"""What a seed means stays what it is: populations that were drawn once, and are drawn again.

A file of golden/ says seed and constraints, and five networks of that population with the numbers
of their candidates: the first three, and the first two of the second block of candidates. The
files were written once and are not written again: where a test fails, somebody's population
would not be drawn again from its seed. A new config gets a file of its own, with what `drawn`
gives for it.
"""

import json
from pathlib import Path

import pytest
from spaces import CONFIGS

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import BLOCK, Sampler

GOLDEN = {path.stem: path for path in (Path(__file__).parent / 'golden').glob('*.json')}


def drawn(config, seed, constraints):
    """The first three networks of a population, and the first two of its second block."""
    space, _, _ = design_space_of(CONFIGS[config])
    population = iter(Sampler(space, Constraints(**constraints), seed))
    first_block = []
    for candidate, sample in population:
        if candidate >= BLOCK:
            break
        first_block.append((candidate, sample))
    second_block = [(candidate, sample), next(population)]
    assert all(BLOCK <= number < 2 * BLOCK for number, _ in second_block)
    return [
        dict(candidate=number, **network.to_dict())
        for number, network in first_block[:3] + second_block
    ]


def same(ours, golden):
    """Equal, but for the last digits of numbers that a platform's own logarithm may decide."""
    if isinstance(golden, dict):
        return set(ours) == set(golden) and all(same(ours[name], golden[name]) for name in golden)
    if isinstance(golden, list):
        return len(ours) == len(golden) and all(map(same, ours, golden))
    if isinstance(golden, float):
        return ours == pytest.approx(golden, rel=1e-12)
    return ours == golden and type(ours) is type(golden)


def test_every_config_has_a_golden_population():
    assert set(GOLDEN) == set(CONFIGS)


@pytest.mark.parametrize('config', sorted(GOLDEN))
def test_a_seed_means_what_it_meant(config):
    golden = json.loads(GOLDEN[config].read_text(encoding='utf-8'))
    ours = drawn(config, golden['seed'], golden['constraints'])
    for our_network, golden_network in zip(ours, golden['networks'], strict=True):
        assert same(our_network, golden_network), (our_network, golden_network)
