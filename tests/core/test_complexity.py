import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from published_tables import LARGER_REGNETS, REGNETS, RESNETS
from random_networks import architectures

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexities, complexity
from regnet_plugin.core.vocabulary import BLOCKS
from regnet_plugin.models import AnyNet
from regnet_plugin.models.module_complexity import count


@pytest.mark.parametrize('name', REGNETS)
def test_published_integers(name):
    *_, flops, parameters, activations, with_classifier = REGNETS[name]
    counts = complexity(architecture_of(name))
    assert (counts.flops, counts.parameters, counts.activations) == (flops, parameters, activations)
    assert counts.activations_with_classifier == with_classifier


@pytest.mark.parametrize('name', RESNETS)
def test_resnets_are_points_of_the_same_space(name):
    depths, ratio, group_widths, flops, parameters, activations, with_classifier = RESNETS[name]
    counts = complexity(
        Architecture.from_lists(
            depths=depths,
            widths=(256, 512, 1024, 2048),
            bottleneck_ratios=(ratio,) * 4,
            group_widths=group_widths,
            strides=(1, 2, 2, 2),
            stem='resnet',
            stem_width=64,
        )
    )
    assert (counts.flops, counts.parameters, counts.activations) == (flops, parameters, activations)
    assert counts.activations_with_classifier == with_classifier


def test_largest_network():
    assert (
        complexity(architecture_of('regnety_128gf')).parameters
        == LARGER_REGNETS['regnety_128gf'][-1]
    )


def test_worked_example():  # w_0 = 32, w_a = 8, w_m = 2, d = 24, g = 16
    arch = dict(depth=24, w_0=32, w_a=8, w_m=2, group_width=16)
    x, y = complexity(architecture_of(arch)), complexity(architecture_of(dict(arch, se_ratio=0.25)))
    assert (x.flops, x.parameters, x.activations) == (313555944, 1799368, 3675392)
    assert (y.flops, y.parameters, y.activations) == (313805568, 2048992, 3679256)


def test_one_block_by_hand():  # w = 64, b = 1, g = 16 on 56 x 56
    one, two = (
        complexity(
            Architecture.from_lists(
                depths=[depth],
                widths=[64],
                bottleneck_ratios=[1],
                group_widths=[16],
                strides=[1],
                stem='cifar',
            ),
            56,
            0,
        )
        for depth in (1, 2)
    )
    assert two.flops - one.flops == 56**2 * (64 * 64 + 9 * 64 * 16 + 64 * 64) == 54591488
    assert two.parameters - one.parameters == 64 * 64 + 9 * 64 * 16 + 64 * 64 + 6 * 64 == 17792
    assert two.activations - one.activations == 3 * 64 * 56**2 == 602112


@pytest.mark.parametrize('block', BLOCKS)
@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    resolution=st.integers(8, 130) | st.tuples(st.integers(8, 130), st.integers(8, 130)),
)
def test_closed_form_equals_the_layers_of_the_built_module(block, data, resolution):
    """Block by block: draws over all of them may leave one out."""
    network = data.draw(architectures(blocks=(block,)))
    with torch.device('meta'):
        module = AnyNet(**network.to_dict())
    assert complexity(network, resolution, num_classes=0) == count(module, resolution)


def test_classifier_counts_like_a_linear_layer():
    network = architecture_of('regnety_200mf')
    with torch.device('meta'):
        backbone = AnyNet(**network.to_dict(), out_indices=[3])

        class Classifier(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.backbone, self.fc = backbone, torch.nn.Linear(368, 10)

            def forward(self, x):
                return self.fc(self.backbone(x)[-1].mean((2, 3)))

        assert complexity(network, 64, 10) == count(Classifier(), 64)


@pytest.mark.parametrize(
    'names', [[name for name in REGNETS if letter in name] for letter in ('regnetx', 'regnety')]
)
def test_many_at_once_equal_one_by_one(names):
    networks = [architecture_of(name) for name in names]
    lists = ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides')
    counts = complexities(
        **{name: np.array([getattr(network, name) for network in networks]) for name in lists},
        block=networks[0].block,
        se_ratio=networks[0].se_ratio,
        resolution=160,
        num_classes=10,
    )
    one_by_one = [complexity(network, 160, 10) for network in networks]
    assert counts.flops.tolist() == [one.flops for one in one_by_one]
    assert counts.parameters.tolist() == [one.parameters for one in one_by_one]
    assert counts.activations.tolist() == [one.activations for one in one_by_one]
    assert counts.activations_with_classifier.tolist() == [
        one.activations_with_classifier for one in one_by_one
    ]


@pytest.mark.parametrize(
    'arguments, message',
    [
        (dict(resolution=0), 'resolution must be a positive whole number or a pair'),
        (dict(resolution=(224,)), 'but resolution=(224,)'),
        (
            dict(num_classes=10**18),
            'counts must fit 64 bits, but the widest layer has 368 channels',
        ),
        (dict(resolution=10**13), 'counts must fit 64 bits'),
        (dict(resolution=True), 'but resolution=True'),
        (dict(num_classes=-1), 'num_classes must be a whole number from 0, but num_classes=-1'),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError) as error:
        complexity(architecture_of('regnetx_200mf'), **arguments)
    assert message in str(error.value)


def test_a_block_of_ones_own_has_no_closed_form():
    with pytest.raises(
        ValueError, match='count the built module: regnet_plugin.models.module_complexity.count'
    ):
        complexity(Architecture.from_lists(depths=[1], widths=[8], block='my.Block'))
