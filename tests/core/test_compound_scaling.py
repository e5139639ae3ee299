"""Compound scaling: what the authors' code makes of seven networks, and laws.

`scaled_networks.csv` holds networks that pycls (MIT licence), the code of *Fast and Accurate Model
Scaling*, scales, with its counts. RegNetY of depth 26 by d1_w8_g8_r1 gives the RegNetY-16GF
and RegNetY-32GF of *Early Convolutions Help Transformers See Better*, released with their counts.
"""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import architectures

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.compound_scaling import (
    ScalingType,
    counted,
    scaled,
    scaled_side,
    scaled_to_flops,
)
from regnet_plugin.core.efficientnet import EFFICIENTNETS, EfficientNet
from regnet_plugin.core.named_network import named_network

ROWS = list(csv.reader(Path(__file__).with_name('scaled_networks.csv').open()))[1:]
# Of pycls's release: flops, parameters, activations with the classifier's outputs.
RELEASED_EFFICIENTNETS = {
    'efficientnet_b0': (385825092, 5288548, 6748036),
    'efficientnet_b1': (686817992, 7794184, 10884328),
    'efficientnet_b2': (993578282, 9109994, 13832834),
    'efficientnet_b3': (1827162472, 12233232, 23831296),
    'efficientnet_b4': (4393801064, 19341616, 49489032),
    'efficientnet_b5': (10266426072, 30389784, 98857400),
}


def listed(text):
    return tuple(map(int, text.split()))


@pytest.mark.parametrize('row', ROWS, ids=lambda row: f'{row[0][:13]}-{row[2]}-{row[3]}')
def test_networks_that_the_authors_code_scales(row):
    base, side, kind, factor, depths, widths, others, scaled_to, *counts = row
    network, _ = named_network(base.replace(' ', ','))
    result = scaled(network, ScalingType.from_text(kind), float(factor), int(side))
    made = result.network
    assert (made.depths, made.widths) == (listed(depths), listed(widths))
    is_efficientnet = isinstance(made, EfficientNet)
    own = (made.stem_width, made.head_width) if is_efficientnet else made.group_widths
    assert own == listed(others)
    assert result.resolution == int(scaled_to)
    found = result.complexity
    assert [found.flops, found.parameters, found.activations_with_classifier] == [
        int(count) for count in counts
    ]


def test_sides_that_networks_are_tested_with_are_scaled_by_the_same_rule():
    """4 * round(272 * 4**0.05 / 4), and the released network's."""
    assert scaled_side(272, ScalingType.from_text('dWr'), 4) == 292


@pytest.mark.parametrize('name', RELEASED_EFFICIENTNETS)
def test_efficientnets_are_counted_as_released(name):
    network, side = named_network(name)
    counts = counted(network, side)
    assert (
        counts.flops,
        counts.parameters,
        counts.activations_with_classifier,
    ) == RELEASED_EFFICIENTNETS[name]


@pytest.mark.parametrize(
    'text, weights',
    [
        ('d', (1, 0, 0, 0)),
        ('rw', (0, 1, 0, 1)),
        ('dwr', (1, 1, 0, 1)),
        ('wg', (0, 1, 1, 0)),
        ('d1_w8_g8_r1', (1, 8, 8, 1)),
        ('dWr', (1, 8, 8, 1)),
        ('r2_w0.5', (0, 0.5, 0, 2)),
    ],
)
def test_types_by_letters_and_by_weights(text, weights):
    kind = ScalingType.from_text(text)
    assert (kind.depth, kind.width, kind.group_width, kind.resolution) == weights


@pytest.mark.parametrize('text', ['', 'x', 'dd', 'd1_x2', 'd1w2', 'd-1', 'd0_w0', None, 'd1__w2'])
def test_other_types_are_refused(text):
    with pytest.raises(ValueError, match='a type of scaling must be letters of d, w, g and r'):
        ScalingType.from_text(text)


@given(st.floats(0.1, 64), st.sampled_from(['d', 'w', 'dr', 'dwr', 'dWr', 'd1_w3', 'g']))
def test_factors_multiply_to_that_of_the_flops(factor, text):
    factors = ScalingType.from_text(text).factors(factor)
    product = factors.depth * factors.width**2 * factors.resolution**2
    assert product == pytest.approx(1 if text == 'g' else factor)
    if text == 'dWr':
        assert factors.group_width == factors.width


@settings(deadline=None, max_examples=50)
@given(st.data(), st.floats(0.25, 8), st.sampled_from(['d', 'w', 'r', 'dwr', 'dWr', 'wg']))
def test_any_architecture_is_scaled_into_one_that_is_counted(data, factor, text):
    network = data.draw(architectures())
    result = scaled(network, ScalingType.from_text(text), factor, 64)
    assert result.network.block == network.block
    assert result.network.strides == network.strides
    assert result.network.head_width == network.head_width
    assert result.complexity == complexity(result.network, result.resolution)


@pytest.mark.parametrize('factor', [0, -1, float('nan'), float('inf'), True, None])
def test_factors_that_are_none(factor):
    with pytest.raises(ValueError, match='a factor must be a positive number'):
        scaled(architecture_of('regnetx_200mf'), ScalingType.from_text('d'), factor, 224)


def test_an_image_of_no_pixels_is_refused():
    with pytest.raises(ValueError, match='an image must have a side of at least 4'):
        scaled(architecture_of('regnetx_200mf'), ScalingType.from_text('r'), 1e-6, 224)


@pytest.mark.parametrize('text', ['d', 'w', 'r', 'dw', 'dwr', 'dWr'])
@pytest.mark.parametrize('name', ['regnety_4.0gf', 'regnetz_500mf', 'resnet50', 'efficientnet_b0'])
def test_flops_are_met(name, text):
    network, side = named_network(name)
    wanted = 3.3 * counted(network, side).flops
    result = scaled_to_flops(network, ScalingType.from_text(text), wanted, side)
    assert result.complexity.flops == pytest.approx(wanted, rel=0.05)
    again = scaled(network, ScalingType.from_text(text), result.factor, side)
    assert again == result  # the factor that is said gives the network


def test_flops_out_of_reach_are_refused_with_the_nearest():
    network = Architecture.from_lists(depths=[1], widths=[8], block='V')
    with pytest.raises(ValueError, match='scaling must reach the flops wanted up to 10%, but of'):
        scaled_to_flops(network, ScalingType.from_text('d'), 1.35 * complexity(network).flops, 224)
    with pytest.raises(ValueError, match='flops must be positive, but flops=0'):
        scaled_to_flops(network, ScalingType.from_text('d'), 0, 224)


def test_an_efficientnet_has_seven_stages():
    with pytest.raises(ValueError, match='an EfficientNet must have 7 stages'):
        EfficientNet(depths=(1, 2), widths=(8, 8))
    assert len(EFFICIENTNETS) == 6
