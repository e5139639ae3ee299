import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_tables import LARGER_REGNETS, QUANTIZED_WIDTHS, REGNETS

from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.core.quantized_linear import quantized_linear, regnet, stages_of


def by_the_equations(depth, w_0, w_a, w_m):
    """Equations 2 to 4 block by block, in plain Python."""
    from math import log

    levels = [round(log((w_0 + w_a * j) / w_0) / log(w_m)) for j in range(depth)]
    return levels, [8 * round(w_0 * w_m**k / 8) for k in levels]


def test_worked_example():  # w_0 = 32, w_a = 8, w_m = 2: s_j = log2(1 + j / 4)
    function = quantized_linear([10], [32], [8], [2])
    assert function.levels[0].tolist() == [0, 0, 1, 1, 1, 1, 1, 1, 2, 2]
    assert function.widths[0].tolist() == [32, 32, 64, 64, 64, 64, 64, 64, 128, 128]


@pytest.mark.parametrize(
    'depth, num_stages',
    [(1, 1), (2, 1), (3, 2), (8, 2), (9, 3), (19, 3), (20, 4), (42, 4), (43, 5)],
)
def test_worked_example_has_stages_from_blocks_0_2_8_19_42(depth, num_stages):
    network = regnet(depth=depth, w_0=32, w_a=8, w_m=2, group_width=16)
    starts = [0, 2, 8, 19, 42][:num_stages]
    assert network.depths == tuple(np.diff([*starts, depth]))
    assert network.widths == (32, 64, 128, 256, 512)[:num_stages]
    assert network.depth == depth


def test_group_width_is_narrowed_where_a_stage_is_narrower():
    network = regnet(depth=20, w_0=32, w_a=8, w_m=2, group_width=64)
    assert network.group_widths == (32, 64, 64, 64)


def test_half_rounds_to_even():  # u_1 = 72 = 48 * 2.25 ** 0.5: s_1 is 0.5 in float64
    assert quantized_linear([2], [48], [24], [2.25]).levels[0].tolist() == [0, 0]


@pytest.mark.parametrize('name', REGNETS)
def test_published_networks(name):
    depths, widths, group_widths, *_ = REGNETS[name]
    network = regnet(**PUBLISHED[name])
    assert (network.depths, network.widths, network.group_widths) == (depths, widths, group_widths)
    assert network.block == name[6].upper() and network.se_ratio == (
        0.25 if 'regnety' in name else 0
    )
    parameters = [PUBLISHED[name][key] for key in ('depth', 'w_0', 'w_a', 'w_m')]
    assert tuple(np.unique(quantized_linear(*parameters).widths)) == QUANTIZED_WIDTHS[name]


@pytest.mark.parametrize('name', LARGER_REGNETS)
def test_larger_networks(name):
    depths, widths, group_width, _ = LARGER_REGNETS[name]
    network = regnet(**PUBLISHED[name])
    assert (network.depths, network.widths, network.group_widths) == (
        depths,
        widths,
        (group_width,) * 4,
    )


parameters = dict(
    depth=st.integers(1, 63),
    w_0=st.integers(1, 32).map(lambda k: 8 * k),
    w_a=st.floats(0, 256),
    w_m=st.floats(1.05, 3),
)


@given(sets=st.lists(st.fixed_dictionaries(parameters), min_size=1, max_size=5))
def test_many_at_once_equal_the_equations_one_by_one(sets):
    function = quantized_linear(*([values[key] for values in sets] for key in parameters))
    for row, values in enumerate(sets):
        levels, widths = by_the_equations(**values)
        depth = values['depth']
        assert function.levels[row, :depth].tolist() == levels
        assert function.widths[row, :depth].tolist() == widths
        assert (function.levels[row, depth:] == -1).all() and (
            function.widths[row, depth:] == 0
        ).all()


@given(st.fixed_dictionaries(parameters), st.integers(1, 6))
def test_stages_are_valid_where_every_level_has_its_own_width(values, num_stages):
    levels, widths = by_the_equations(**values)
    expected = len(set(widths)) == max(levels) + 1 == num_stages
    valid, stage_widths, depths = quantized_linear(**values).stages(num_stages)
    assert valid[0] == expected
    if expected:
        assert stage_widths[0].tolist() == sorted(set(widths))
        assert depths[0].tolist() == [widths.count(width) for width in sorted(set(widths))]


@given(st.fixed_dictionaries(parameters))
def test_widths_and_levels_never_fall(values):
    function = quantized_linear(**values)
    assert (np.diff(function.levels[0]) >= 0).all() and (np.diff(function.widths[0]) >= 0).all()


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(w_0=30), 'w_0 must be a positive multiple of 8, but depth=20, w_0=30'),
        (dict(w_0=0), 'w_0 must be a positive multiple of 8'),
        (dict(w_0=-8), 'w_0 must be a positive multiple of 8'),
        (dict(w_m=1), 'w_m must be greater than 1'),
        (dict(w_m=0.5), 'w_m must be greater than 1'),
        (dict(w_a=-1), 'w_a must not be negative'),
        (dict(w_a=float('nan')), 'w_0, w_a and w_m must be numbers'),
        (dict(w_a='8'), 'w_0, w_a and w_m must be numbers'),
        (dict(depth=0), 'depth must be a positive whole number, but depth=0'),
        (dict(depth=20.5), 'depth must be a positive whole number'),
        (
            dict(group_width=None),
            'group_width must be a positive whole number, but group_width=None',
        ),
        (dict(group_width=0), 'group_width must be a positive whole number, but group_width=0'),
        (
            dict(w_0=8, w_a=200, w_m=1.5),
            'every level from 0 to 15 must have blocks and a width of its own',
        ),
        (dict(bottleneck_ratio=-1), 'bottleneck_ratio must be a ratio of whole numbers'),
        (dict(bottleneck_ratio={}), 'bottleneck_ratio must be a ratio of whole numbers'),
        (dict(depth=True), 'depth must be a positive whole number, but depth=True'),
        (dict(w_a=True), 'w_0, w_a and w_m must be numbers'),
        (dict(depth=None), 'depth must be a positive whole number, but depth=None'),
        (dict(depth=10**400), 'depth must be at most 10000'),
        (dict(w_0=None), 'w_0, w_a and w_m must be numbers'),
        (dict(w_m='2'), 'w_0, w_a and w_m must be numbers'),
        (dict(w_m=1 + 1e-12), 'there must be at most 64 stages, but depth='),
        (dict(group_width=10**30), 'group_width must be at most 16777216, but group_width=1'),
        (dict(depth=10**9), 'depth must be at most 10000'),
        (dict(w_0=8 * 10**21), 'widths must be at most 16777216'),
        (dict(w_a=1e300), 'widths must be at most 16777216'),
    ],
)
def test_bad_parameters(change, message):
    with pytest.raises(ValueError) as error:
        regnet(**{**dict(depth=20, w_0=32, w_a=8, w_m=2, group_width=16), **change})
    assert message in str(error.value)


def test_blocks_without_groups_keep_the_quantized_widths():
    for block in ('V', 'VR', 'R'):
        network = regnet(**{**PUBLISHED['regnetx_400mf'], 'block': block})
        assert network.widths == QUANTIZED_WIDTHS['regnetx_400mf']
        assert network.group_widths is None


@pytest.mark.parametrize('multipliers', ['any', 'with ties'])
@pytest.mark.parametrize('num_stages', [1, 2, 4, 7])
def test_sets_of_so_many_stages_are_those_of_the_function_itself(num_stages, multipliers):
    """Also where a block lies at the edge of a level, as it does for w_m a square or a ratio."""
    draw = np.random.default_rng(0)
    depth, w_0 = draw.integers(1, 65, 20_000), 8 * draw.integers(1, 33, 20_000)
    if multipliers == 'any':
        w_a, w_m = 8 * 2 ** draw.uniform(-1, 5, 20_000), draw.uniform(1.1, 3, 20_000)
    else:
        w_a = 8.0 * draw.integers(1, 33, 20_000)
        w_m = draw.choice([1.21, 1.44, 1.5, 2.25, 4], 20_000)
    valid, widths, depths = quantized_linear(depth, w_0, w_a, w_m).stages(num_stages)
    assert valid.sum() > 50
    found = stages_of(depth, w_0, w_a, w_m, num_stages)
    for ours, expected in zip(found, (np.flatnonzero(valid), widths[valid], depths[valid])):
        assert np.array_equal(ours, expected) and ours.dtype == expected.dtype
