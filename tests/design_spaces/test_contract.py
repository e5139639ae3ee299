"""What every design space keeps: those of configs/design_spaces and whatever is registered."""

from functools import cache
from itertools import islice

import numpy as np
import pytest
from killing import ROOT
from spaces import CONFIGS, networks_of

from regnet_plugin.core.complexity import complexity
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import draw_block
from regnet_plugin.design_spaces.space import DesignSpace
from regnet_plugin.registry import DESIGN_SPACES

# Of the spaces over configs those that are counted quickest; their networks have no stages.
OF_CONFIGS = ('vision_transformer_digits', 'inverted_residuals_digits')


@pytest.fixture(params=CONFIGS)
def space(request):
    return design_space_of(CONFIGS[request.param])[0]


@cache
def over_config(name):
    """A space over a config, which knows what was counted before."""
    return design_space_of(ROOT / f'configs/design_spaces/of_configs/{name}.py')[0]


@pytest.fixture(params=[*CONFIGS, *OF_CONFIGS])
def any_space(request):
    if request.param in OF_CONFIGS:
        return over_config(request.param)
    return design_space_of(CONFIGS[request.param])[0]


def test_every_registered_family_has_a_config():
    DESIGN_SPACES.get('regnet_plugin.AnyNetSpace')  # imports the registry's locations
    families = {design_space_of(path)[1]['type'].split('.')[-1] for path in CONFIGS.values()}
    families |= {type(over_config(name)).__name__ for name in OF_CONFIGS}
    assert set(DESIGN_SPACES.module_dict) == families


def test_samples_belong_to_the_space(space):
    samples = networks_of(space, 60)
    assert len(samples) == 60 and all(space.contains(sample) for sample in samples)
    assert all(space.contains({**sample.parameters, **sample.settings}) for sample in samples)


def test_complexity_is_that_of_the_architecture_at_the_spaces_resolution(space):
    for sample in networks_of(space, 20):
        assert sample.complexity == complexity(
            sample.architecture, sample.resolution, space.num_classes
        )


def test_widths_change_by_at_most_a_third_and_groups_divide(space):
    """The group-width rule holds of what was drawn.

    `Architecture` itself refuses groups that do not divide.
    """
    for sample in networks_of(space, 40):
        nominal = sample.parameters.get('widths')
        if nominal is None or sample.architecture.bottleneck_ratios is None:
            continue
        assert all(
            3 * abs(ours - drawn) <= drawn * max(1, ratio)
            for ours, drawn, ratio in zip(
                sample.architecture.widths, nominal, sample.architecture.bottleneck_ratios
            )
        )


def test_networks_are_distinct_and_survive_their_file(any_space):
    samples = networks_of(any_space, 60)
    assert len({sample.fingerprint for sample in samples}) == 60
    assert [type(sample).from_dict(sample.to_dict()) for sample in samples] == samples


def test_a_seed_decides_and_a_larger_population_begins_with_the_smaller(any_space):
    small, large, other = (
        networks_of(any_space, 15),
        networks_of(any_space, 30),
        networks_of(any_space, 15, seed=1),
    )
    assert large[:15] == small != other


def test_the_size_of_a_draw_does_not_change_it(any_space):
    uniforms = np.random.default_rng(0).random((100, any_space.num_uniforms))
    whole = any_space.draw(uniforms)
    for name, values in whole.items():
        halves = [any_space.draw(part)[name] for part in (uniforms[:37], uniforms[37:])]
        np.testing.assert_array_equal(values, np.concatenate(halves))


def test_the_extremes_of_the_uniforms_are_drawn(any_space):
    for extreme in (0.0, np.nextafter(1, 0)):
        values = any_space.draw(np.full((1, any_space.num_uniforms), extreme))
        for name, parameter in any_space.parameters.items():
            assert parameter.contains(values[name][0].tolist())


def test_dimension_and_sizes(any_space):
    assert 1 <= any_space.dimension <= 20
    if any_space.size is None:
        return
    assert any_space.size >= 1 and any_space.paper_size >= 1


def test_constraints_are_kept(any_space):
    flops = sorted(sample.complexity.flops for sample in networks_of(any_space, 60))
    interval = flops[20], flops[40]
    samples = networks_of(any_space, 20, flops=interval)
    assert all(interval[0] <= sample.complexity.flops <= interval[1] for sample in samples)


def test_rejection_keeps_the_order_of_the_candidates(any_space):
    """The constrained population is what is left of unconstrained candidates, in their order."""
    everything = draw_block(any_space, Constraints(limits=any_space.limits), 0, 0)
    candidates = list(islice(everything.samples(any_space), 200))
    middle = int(np.median([sample.complexity.flops for _, sample in candidates]))
    kept = dict(draw_block(any_space, Constraints(flops=(None, middle)), 0, 0).samples(any_space))
    expected = {draw: sample for draw, sample in candidates if sample.complexity.flops <= middle}
    if not any_space.limits:  # their regime differs
        assert {draw: kept[draw] for draw in expected} == expected
    assert all(0 <= draw < any_space.candidates for draw in kept)


def test_a_family_of_ones_own_joins_by_being_registered():
    from regnet_plugin.design_spaces.distributions import Parameter, as_law
    from regnet_plugin.design_spaces.space import Networks

    @DESIGN_SPACES.register_module()
    class Doubling(DesignSpace):
        """One width and one depth; each stage doubles the width."""

        def __init__(self, **network):
            super().__init__(
                dict(
                    width=Parameter(as_law([16, 24, 32], 'width')),
                    depth=Parameter(as_law([1, 2], 'depth')),
                ),
                block='V',
                **network,
            )

        def networks(self, values):
            widths = values['width'][:, None] * 2 ** np.arange(3)
            return [
                Networks(
                    np.arange(len(widths)), np.repeat(values['depth'][:, None], 3, axis=1), widths
                )
            ]

    try:
        space = DESIGN_SPACES.build(dict(type='regnet_plugin.Doubling'))
        samples = networks_of(space, 6)
        assert sorted((s.architecture.widths[0], s.architecture.depths[0]) for s in samples) == [
            (w, d) for w in (16, 24, 32) for d in (1, 2)
        ]
        assert space.size == 6 and space.dimension == 2
    finally:
        DESIGN_SPACES.module_dict.pop('Doubling')
