"""Networks scaled to the flops of others: laws, and the published counts of ResNet and ResNeXt."""

import pytest

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.published import BODIES
from regnet_plugin.core.scaling import scaled_to
from regnet_plugin.population.selection import baseline_sample

# Table 3 of the paper: flops in GF, parameters in M (of ResNet-50: He et al., the table has a
# misprint), activations in M
PUBLISHED = {
    'resnet50': (4.1, 25.6, 11.1),
    'resnet101': (7.8, 44.5, 16.2),
    'resnet152': (11.5, 60.2, 22.6),
    'resnext50': (4.2, 25.0, 14.4),
    'resnext101': (8.0, 44.2, 21.2),
    'resnext152': (11.7, 60.0, 29.7),
}


@pytest.mark.parametrize('name', PUBLISHED)
def test_bodies_are_those_of_the_published_networks(name):
    sample = baseline_sample(name, stem='resnet', stem_width=64, strides=(1, 2, 2, 2))
    counts = sample.complexity
    assert (
        round(counts.flops / 1e9, 1),
        round(counts.parameters / 1e6, 1),
        round(counts.activations / 1e6, 1),
    ) == PUBLISHED[name]


@pytest.mark.parametrize(
    'name', ['regnetx_200mf', 'regnetx_400mf', 'regnety_800mf', 'regnetx_1.6gf']
)
def test_a_network_scaled_to_its_own_flops_is_itself(name):
    network = architecture_of(name)
    assert scaled_to(network, complexity(network).flops, 224, 1000) == network


@pytest.mark.parametrize('name', ['resnet50', 'resnext50', 'regnetx_200mf', 'regnety_400mf'])
@pytest.mark.parametrize('flops', [2e8, 8e8, 2e9])
def test_flops_are_met_and_widths_keep_their_proportions(name, flops):
    sample = baseline_sample(name, flops)
    assert sample.complexity.flops == pytest.approx(flops, rel=0.1)
    assert sample.complexity == complexity(sample.architecture)
    original = Architecture.from_lists(**BODIES[name]) if name in BODIES else architecture_of(name)
    assert (
        sample.architecture.depths == original.depths
        and sample.architecture.block == original.block
    )
    factors = [new / old for new, old in zip(sample.architecture.widths, original.widths)]
    wide = [factor for factor, old in zip(factors, original.widths) if old >= 200]
    assert max(wide) < 1.35 * min(wide)  # rounding to 8 and to whole groups, at most a third
    assert sample.parameters['widths'] == list(sample.architecture.widths)


def test_flops_out_of_reach_are_refused_with_the_nearest():
    network = architecture_of('regnetx_400mf', strides=(1, 2, 2, 2))
    with pytest.raises(
        ValueError, match=r'of 500,000 the nearest is 740,442, with the widths \[8, 8, 8, 8\]'
    ):
        scaled_to(network, 500_000, 32, 10)
    with pytest.raises(ValueError, match='flops must be positive, but flops=0'):
        scaled_to(network, 0, 32, 10)


def test_widths_are_scaled_by_1_64th_to_64():
    narrow, wide, widest = (
        Architecture.from_lists(depths=[2], widths=[8 * factor], block='V')
        for factor in (1, 60, 100)
    )
    assert scaled_to(narrow, complexity(wide).flops, 224, 1000) == wide
    assert scaled_to(wide, complexity(narrow).flops, 224, 1000) == narrow
    for one, other in ((narrow, widest), (widest, narrow)):
        with pytest.raises(ValueError, match='a factor on the widths must reach the flops wanted'):
            scaled_to(one, complexity(other).flops, 224, 1000)
