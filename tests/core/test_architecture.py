import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regnet_plugin.core.architecture import Architecture, Stage
from regnet_plugin.core.group_width import fit_group_widths
from regnet_plugin.core.number_checks import is_real

X = dict(depths=[1, 2], widths=[64, 128], bottleneck_ratios=[1, 2], group_widths=[16, 32])


def test_lists_become_stages():
    network = Architecture.from_lists(**X)
    assert network.stages == (
        Stage(1, 64, bottleneck_ratio=1, group_width=16),
        Stage(2, 128, bottleneck_ratio=2, group_width=32),
    )
    assert (network.depths, network.widths, network.strides) == ((1, 2), (64, 128), (2, 2))
    assert (network.bottleneck_ratios, network.group_widths, network.dilations) == (
        (1, 2),
        (16, 32),
        (1, 1),
    )
    assert network.depth == 3
    assert [stage.bottleneck_width for stage in network.stages] == [64, 64]


def test_x_with_an_se_ratio_and_y_are_one_block():
    assert Architecture.from_lists(**X, se_ratio=0.25) == Architecture.from_lists(**X, block='Y')
    assert Architecture.from_lists(**X, block='Y').se_ratio == 0.25
    assert Architecture.from_lists(**X, block='Y') != Architecture.from_lists(**X)


@pytest.mark.parametrize(
    'network',
    [
        X,
        dict(
            X,
            block='Y',
            se_ratio=0.5,
            stem='cifar',
            stem_width=16,
            strides=[1, 2],
            dilations=[1, 2],
        ),
        dict(depths=[1], widths=[30], bottleneck_ratios=[1 / 3], group_widths=[9]),
        dict(depths=[1, 1], widths=[48, 96], bottleneck_ratios=[0.25, 4], block='R', stem='resnet'),
        dict(depths=[3], widths=[20], block='V'),
        dict(depths=[3], widths=[20], block='my.Block'),
    ],
)
def test_dict_survives_json(network):
    architecture = Architecture.from_lists(**network)
    assert Architecture.from_dict(json.loads(json.dumps(architecture.to_dict()))) == architecture
    assert hash(Architecture.from_dict(architecture.to_dict())) == hash(architecture)


def test_numpy_values_become_plain_numbers():
    network = Architecture.from_lists(
        **{name: np.array(values) for name, values in X.items()},
        stem_width=np.int64(32),
        se_ratio=np.float32(0.25),
    )
    assert network == Architecture.from_lists(**X, se_ratio=0.25)
    json.dumps(network.to_dict())


@pytest.mark.parametrize('ratio', [np.int64(2), np.int8(2), np.float32(2), np.float64(2)])
def test_a_bottleneck_ratio_may_be_any_kind_of_number(ratio):
    stage = Stage(1, 64, bottleneck_ratio=ratio, group_width=16)
    assert stage.bottleneck_width == 32 and type(stage.bottleneck_ratio) is int


def test_stages_are_checked():
    for stages in (None, 5, (), ('X',)):
        with pytest.raises(ValueError, match='stages must be at least one Stage'):
            Architecture(stages)


@pytest.mark.parametrize(
    'change, message',
    [
        (
            dict(widths=[64, 90], group_widths=[16, 16]),
            'group_width must divide the bottleneck width, but stage 2 has width=90, '
            'bottleneck_ratio=2, group_width=16; the nearest width that fits is 96',
        ),
        (
            dict(widths=[40, 128]),
            'stage 1 has width=40, bottleneck_ratio=1, group_width=16; the nearest width that fits '
            'is 32',
        ),
        (
            dict(widths=[8, 128]),
            'stage 1 has width=8, bottleneck_ratio=1, group_width=16; the nearest width that fits '
            'is 16',
        ),
        (
            dict(widths=[64, 129]),
            'width / bottleneck_ratio must be a whole number, but stage 2 has width=129',
        ),
        (dict(depths=[0, 2]), 'depth must be a positive whole number, but stage 1 has depth=0'),
        (dict(depths=[1, -2]), 'depth must be a positive whole number, but stage 2 has depth=-2'),
        (dict(depths=[1, 2.0]), 'depth must be a positive whole number, but stage 2 has depth=2.0'),
        (dict(depths=[1, True]), 'stage 2 has depth=True'),
        (dict(widths=[64, 0]), 'width must be a positive whole number, but stage 2 has width=0'),
        (
            dict(group_widths=[0, 32]),
            'group_width must be a positive whole number, but stage 1 has group_width=0',
        ),
        (
            dict(bottleneck_ratios=[0, 2]),
            'bottleneck_ratio must be a ratio of whole numbers from 1 to 64',
        ),
        (dict(bottleneck_ratios=[128, 2]), 'but stage 1 has bottleneck_ratio=128'),
        (dict(bottleneck_ratios=[True, 2]), 'but stage 1 has bottleneck_ratio=True'),
        (dict(depths=np.array(8)), 'depths must be a list with one entry per stage, but depths=8'),
        (dict(block=''), "block must be the name of a block, but block=''"),
        (dict(bottleneck_ratios=['1', 2]), "but stage 1 has bottleneck_ratio='1'"),
        (dict(bottleneck_ratios=[1, float('nan')]), 'but stage 2 has bottleneck_ratio=nan'),
        (dict(bottleneck_ratios=[1, 0.123456]), 'but stage 2 has bottleneck_ratio=0.123456'),
        (dict(strides=[1, 0]), 'stride must be a positive whole number, but stage 2 has stride=0'),
        (
            dict(depths=[1]),
            'one entry per stage in each list, but the lengths are depths: 1, widths: 2',
        ),
        (dict(strides=[2, 2, 2]), 'strides: 3'),
        (dict(depths=3), 'depths must be a list with one entry per stage, but depths=3'),
        (
            dict(depths=[], widths=[], bottleneck_ratios=[], group_widths=[]),
            'stages must be at least one Stage',
        ),
        (
            dict(bottleneck_ratios=None),
            'block X needs a bottleneck_ratio, but stage 1 has bottleneck_ratio=None',
        ),
        (dict(group_widths=None), 'block X needs a group_width'),
        (dict(block='R'), 'block R has no group_width, but stage 1 has group_width=16'),
        (dict(block='V'), 'block V has no bottleneck_ratio, but stage 1 has bottleneck_ratio=1'),
        (dict(block=None), 'block must be the name of a block, but block=None'),
        (dict(stem='resnet50'), "stem must be one of simple, cifar, resnet, but stem='resnet50'"),
        (dict(stem_width=0), 'stem_width must be a positive whole number, but stem_width=0'),
        (dict(depths=[1, 10**7]), 'depth must be at most 10000, but stage 2 has depth=10000000'),
        (
            dict(depths=[5001, 5000]),
            'a network must have at most 10000 blocks, but depths=[5001, 5000]',
        ),
        (
            dict(
                depths=[1] * 65,
                widths=[64] * 65,
                bottleneck_ratios=[1] * 65,
                group_widths=[16] * 65,
            ),
            'a network must have at most 64 stages, but it has 65',
        ),
        (
            dict(widths=[2**30, 128]),
            'width must be at most 16777216, but stage 1 has width=1073741824',
        ),
        (
            dict(widths=[2**20, 128], bottleneck_ratios=[1 / 64, 1]),
            'width / bottleneck_ratio must be at most 16777216',
        ),
        (
            dict(strides=[2, 10**9]),
            'stride must be at most 1024, but stage 2 has stride=1000000000',
        ),
        (dict(dilations=[1, 2000]), 'dilation must be at most 1024, but stage 2 has dilation=2000'),
        (
            dict(stem_width=10**30),
            'stem_width must be at most 16777216, but stem_width=1' + 30 * '0',
        ),
        (dict(se_ratio=1.5), 'se_ratio must be from 0 (none) to 1, but se_ratio=1.5'),
        (
            dict(se_ratio=0.001),
            'at least one squeeze channel, but the narrowest block input is 32 and se_ratio=0.001',
        ),
    ],
)
def test_bad_input_gets_the_rule_and_the_values(change, message):
    with pytest.raises(ValueError) as error:
        Architecture.from_lists(**{**X, **change})
    assert message in str(error.value)


def test_se_needs_a_bottleneck_block():
    with pytest.raises(ValueError, match="blocks X and R, but block='VR' and se_ratio=0.25"):
        Architecture.from_lists(depths=[1], widths=[8], block='VR', se_ratio=0.25)


@pytest.mark.parametrize('values', [None, 5, 'X', [1], True])
def test_what_is_no_dict_is_no_architecture(values):
    with pytest.raises(
        ValueError, match='an architecture must be a dict with the entries depths, widths'
    ):
        Architecture.from_dict(values)


def test_unknown_and_missing_entries_are_named():
    with pytest.raises(ValueError, match=r'unknown: \[1, None\], missing: \[\]'):
        Architecture.from_dict({'depths': [1], 'widths': [8], 1: 2, None: 3})
    with pytest.raises(ValueError, match=r"unknown: \['width'\], missing: \['depths'\]"):
        Architecture.from_dict(dict(width=[1], widths=[8]))


# Appendix D; b < 1: 160 / lcm(6, 4) = 13.3 -> 13 * 12 / 4 and 80 / lcm(3, 8) = 3.3 -> 3 * 24 / 8.
# The ties are those of published networks (RegNetX-400MF, RegNetY-800MF, RegNetY-4.0GF,
# RegNetX-8.0GF).
@pytest.mark.parametrize(
    'width, ratio, group_width, fitted',
    [
        (24, 1, 16, (32, 16)),
        (152, 1, 16, (160, 16)),
        (392, 1, 16, (384, 16)),
        (136, 1, 16, (128, 16)),
        (776, 1, 16, (768, 16)),
        (96, 1, 64, (128, 64)),
        (480, 1, 64, (512, 64)),
        (80, 1, 120, (80, 80)),
        (664, 1, 120, (720, 120)),
        (8, 4, 32, (8, 2)),
        (8, 16, 4, (16, 1)),
        (40, 0.25, 6, (39, 6)),
        (10, 0.125, 3, (9, 3)),
    ],
)
def test_group_width_rule(width, ratio, group_width, fitted):
    widths, groups = fit_group_widths([width], [ratio], [group_width])
    assert (widths[0], groups[0]) == fitted


@given(
    width=st.integers(1, 2048),
    ratio=st.sampled_from([1 / 8, 1 / 3, 0.25, 0.5, 1, 1.5, 2, 3, 4]),
    group_width=st.integers(1, 256),
)
def test_fitted_networks_are_valid_and_stay_as_they_are(width, ratio, group_width):
    widths, groups = fit_group_widths([width], [ratio], [group_width])
    stage = Stage(1, int(widths[0]), bottleneck_ratio=ratio, group_width=int(groups[0]))
    assert stage.bottleneck_width % stage.group_width == 0
    again = fit_group_widths(widths, [ratio], groups)
    assert (again[0][0], again[1][0]) == (widths[0], groups[0])


@given(width=st.integers(1, 4096), group_width=st.integers(1, 512))
def test_without_bottleneck_a_width_changes_by_at_most_a_third(width, group_width):
    fitted = fit_group_widths([width], 1, [group_width])[0][0]
    assert abs(fitted - width) * 3 <= width


@given(
    narrow=st.integers(1, 512),
    wider=st.integers(0, 512),
    group_width=st.integers(1, 64),
    ratio=st.sampled_from([0.25, 0.5, 1, 2, 4]),
)
def test_the_rule_keeps_the_order_of_widths(narrow, wider, group_width, ratio):
    fitted, _ = fit_group_widths([narrow, narrow + wider], ratio, group_width)
    assert fitted[0] <= fitted[1]


def test_the_rule_works_on_arrays_of_any_shape():
    widths, groups = fit_group_widths(np.full((3, 4), 392), np.array([1, 2, 4])[:, None], 16)
    assert widths.shape == groups.shape == (3, 4)
    assert widths[:, 0].tolist() == [fit_group_widths([392], [b], [16])[0][0] for b in (1, 2, 4)]


@pytest.mark.parametrize('value', [1, -2.5, np.float32(3), np.int64(4), 10**300])
def test_numbers(value):
    assert is_real(value)


@pytest.mark.parametrize(
    'value', [True, np.True_, 'a', None, 1j, [1], float('nan'), np.float32('inf'), 10**400]
)
def test_what_is_no_number_to_compute_with(value):
    assert not is_real(value)
