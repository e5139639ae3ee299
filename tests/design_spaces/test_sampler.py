"""Which networks a population is made of, whatever draws it; what is said when there are none."""

import tracemalloc
from itertools import islice

import pytest
from spaces import networks_of, space_of

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.published import PUBLISHED, parameters
from regnet_plugin.design_spaces import sampler as module
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.sampler import BLOCK, Nearest, NoSuchNetworks, Sampler, draw_block

REGIME = dict(flops=(360e6, 400e6))
# 16 networks
TINY = dict(depth=[1, 2], width=[16, 24], bottleneck_ratio=[1], group_width=[8], num_stages=2)


def test_many_processes_draw_the_same_population():
    space = space_of('regnetx')
    one, three = (
        list(islice(Sampler(space, Constraints(**REGIME), 3, processes=processes), 100))
        for processes in (1, 3)
    )
    assert one == three


def test_going_on_gives_the_rest():
    space = space_of('anynetx_e')
    whole = list(islice(Sampler(space, Constraints(**REGIME), 0), 60))
    rest = Sampler(
        space,
        Constraints(**REGIME),
        0,
        start=whole[24][0] + 1,
        known={s.fingerprint for _, s in whole[:25]},
    )
    assert list(islice(rest, 35)) == whole[25:]


def test_each_network_comes_once_and_the_end_of_a_space_is_said():
    sampler = Sampler(space_of('anynetx_a', **TINY), Constraints(), 0, patience=3 * BLOCK)
    found = []
    with pytest.raises(NoSuchNetworks) as error:
        for _, sample in sampler:
            found.append(sample)
    assert len(found) == 16 == len({sample.architecture for sample in found})
    assert sampler.duplicates > 1000 and 'gave no new one (16 found in' in str(error.value)
    assert f'{sampler.duplicates:,} duplicates' in str(error.value)


def test_candidates_are_counted_up_to_each_network_and_in_whole_blocks():
    told = []
    sampler = Sampler(
        space_of('anynetx_a', **TINY),
        Constraints(),
        0,
        patience=3 * BLOCK,
        progress=lambda found, attempts: told.append((found, attempts)),
    )
    with pytest.raises(NoSuchNetworks) as error:
        for draw, _ in sampler:
            assert sampler.attempts == draw + 1
    assert told == [(16, number * BLOCK) for number in (1, 2, 3, 4)]
    assert f'{4 * BLOCK - draw - 1:,} candidates in a row' in str(error.value)
    assert '(16 found in 32,768, acceptance rate 0.000488;' in str(error.value)


def test_the_same_architecture_with_other_settings_is_another_network():
    sampler = Sampler(
        space_of('anynetx_a', **TINY, resolution=[32, 64], activation=['ReLU', 'Swish']),
        Constraints(),
        0,
        patience=3 * BLOCK,
    )
    with pytest.raises(NoSuchNetworks, match='64 found'):
        list(sampler)


@pytest.mark.parametrize(
    'constraints, text',
    [
        (dict(flops=(1e6, 2e6)), r'flops: nearest [\d,]+ to 1,000,000 … 2,000,000'),
        (dict(parameters=(None, 1000)), r'parameters: nearest [\d,]+ to at most 1,000'),
        (
            dict(activations=(1e12, None)),
            r'activations: nearest [\d,]+ to at least 1,000,000,000,000',
        ),
        (dict(stages=(5, 5)), r'stages: nearest 4 to 5 … 5'),
        (
            dict(limits=dict(parameters=dict(constant=10))),
            r'parameters under the limit: nearest [\d,]+ to at most 10',
        ),
    ],
)
def test_what_nothing_satisfies_ends_with_the_nearest_values(constraints, text):
    sampler = Sampler(space_of('regnetx'), Constraints(**constraints), 0, patience=4 * BLOCK)
    with pytest.raises(NoSuchNetworks, match=text) as error:
        next(iter(sampler))
    assert 'acceptance rate 0;' in str(error.value) and f'{4 * BLOCK:,} candidates in a row' in str(
        error.value
    )


def test_the_nearest_of_all_blocks_is_said():
    space = space_of('anynetx_a')
    sampler = Sampler(space, Constraints(flops=(None, 1e6)), 0, patience=4 * BLOCK)
    with pytest.raises(NoSuchNetworks) as error:
        next(iter(sampler))
    least = [
        min(accepted.counts.flops.min() for accepted in block.accepted)
        for block in (draw_block(space, Constraints(), 0, number) for number in range(4))
    ]
    assert f'flops: nearest {min(least):,} to at most 1,000,000' in str(error.value)


def test_a_value_inside_its_interval_has_no_distance_from_it():
    distances = [Nearest(value, low=5, high=9).distance for value in (3, 5, 7, 9, 12)]
    assert distances == [2, 0, 0, 0, 3]


def test_memory_does_not_grow_with_the_attempts():
    def peak(blocks):
        sampler = Sampler(
            space_of('regnetx'), Constraints(flops=(1, 2)), 0, patience=blocks * BLOCK
        )
        tracemalloc.start()
        with pytest.raises(NoSuchNetworks):
            next(iter(sampler))
        return tracemalloc.get_traced_memory()[1], tracemalloc.stop()

    assert peak(40)[0] < 1.1 * peak(4)[0]


def test_limits_follow_the_upper_end_of_the_regime():
    space = space_of('regnetx_constrained')
    samples = networks_of(space, 50, flops=(3e9, 3.2e9))
    assert all(sample.complexity.parameters < 3e6 + 5.5e6 * 3.2 for sample in samples)
    assert all(sample.complexity.activations < 6.5e6 * 3.2**0.5 for sample in samples)
    loose = networks_of(space_of('regnetx'), 50, flops=(3e9, 3.2e9))
    # the limit does something
    assert any(sample.complexity.activations > 6.5e6 * 3.2**0.5 for sample in loose)


def test_limits_do_not_follow_the_lower_end_of_the_regime():
    samples = networks_of(space_of('regnetx_constrained'), 50, flops=(2e9, 3.2e9))
    assert any(sample.complexity.activations > 6.5e6 * 2**0.5 for sample in samples)


@pytest.mark.parametrize('groups', [16, 32])
def test_a_group_has_a_channel_however_many_groups_are_drawn(groups):
    space = space_of(
        'cifar2019_resnext_a', width=[16], bottleneck_ratio=[1], groups=[groups], depth=[1, 2]
    )
    for sample in networks_of(space, 4):
        assert set(sample.architecture.group_widths) == {1}


def test_numbers_of_groups_divide_the_bottleneck_whatever_its_ratio():
    """Inverted bottlenecks, and those of no whole ratio, have as many groups as others."""
    space = space_of(
        'cifar2019_resnext_a', width=[64, 48], bottleneck_ratio=[0.5, 1.5], groups=[4], depth=[1, 2]
    )
    for sample in networks_of(space, 20):
        stages = sample.architecture.stages
        assert all(stage.bottleneck_width == 4 * stage.group_width for stage in stages)


def test_all_published_networks_keep_the_limits_of_their_regime():
    """Figures 15 and 16; section 4.

    Their initial widths and group widths reach further than section 3.3's at the top.
    """
    for name in PUBLISHED:
        size = name.split('_')[1]
        if size in ('64gf', '128gf'):
            continue
        regime = float(size[:-2]) * (1e9 if size.endswith('gf') else 1e6)
        wide = dict(law='uniform', low=8, high=400, step=8)
        space = space_of(f'{name[:7]}_constrained', w_0=wide, group_width=wide)
        values = parameters(name)
        values.pop('se_ratio', None)
        assert space.contains(dict(values, bottleneck_ratio=1), regime=regime), name
        assert not space.contains(dict(values, bottleneck_ratio=2), regime=regime)


def test_published_networks_in_the_space_of_section_3_3():
    space = space_of('regnetx')
    inside = [
        name
        for name in PUBLISHED
        if name.startswith('regnetx') and space.contains(dict(parameters(name), bottleneck_ratio=1))
    ]
    # the others: g > 32
    assert inside == [f'regnetx_{size}' for size in ('200mf', '400mf', '600mf', '800mf', '1.6gf')]


NESTED = ['anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e']


@pytest.mark.parametrize('inner', range(1, 5))
def test_a_contains_b_contains_c_contains_d_contains_e(inner):
    samples = [
        sample for _, sample in islice(Sampler(space_of(NESTED[inner]), Constraints(), 0), 100)
    ]
    outer = [
        sample for _, sample in islice(Sampler(space_of(NESTED[inner - 1]), Constraints(), 0), 300)
    ]
    for name in NESTED[:inner]:
        assert all(map(space_of(name).contains, samples))
    assert not all(map(space_of(NESTED[inner]).contains, outer))


@pytest.mark.parametrize('inner', ['regnetx_w_m_2', 'regnetx_w_0_is_w_a'])
def test_simplifications_are_part_of_regnetx(inner):
    samples = networks_of(space_of(inner), 100)
    assert all(map(space_of('regnetx').contains, samples))
    outer = networks_of(space_of('regnetx'), 100)
    assert not any(map(space_of(inner).contains, outer))


def test_membership_is_decided_on_ranges_not_on_the_lattice():
    space = space_of('regnetx')
    network = dict(depth=22, w_0=24, w_a=24.483, w_m=2.5401, bottleneck_ratio=1, group_width=16)
    assert space.contains(network)
    assert space.contains(dict(network, group_width=12, bottleneck_ratio=1.5))
    for wrong in (
        dict(depth=64),
        dict(w_a=256),
        dict(w_m=1.49),
        dict(w_m=3.01),
        dict(group_width=33),
        dict(depth=3),
    ):
        assert not space.contains({**network, **wrong}), wrong
    with pytest.raises(ValueError, match='there is no w_m'):
        space.contains({name: value for name, value in network.items() if name != 'w_m'})
    wide = dict(
        depths=[1, 2, 3, 4],
        widths=[9, 20, 21, 1023],
        bottleneck_ratios=[1] * 4,
        group_widths=[3] * 4,
    )
    assert space_of('anynetx_e').contains(wide)
    assert not space_of('anynetx_e').contains(dict(wide, widths=[20, 9, 21, 1023]))
    assert not space_of('anynetx_c').contains(dict(wide, group_widths=[3, 3, 3, 2]))
    assert not space_of('anynetx_a').contains(dict(wide, widths=[9, 20, 21, 1025]))
    assert not space_of('anynetx_a').contains(dict(wide, widths=[9, 20, 21]))
    assert not space_of('anynetx_a').contains(dict(wide, depths=[1.5, 2, 3, 4]))


def test_five_stages_and_a_range_of_stages():
    five = networks_of(space_of('regnetx_5_stages'), 20)
    assert all(len(sample.architecture.stages) == 5 for sample in five)
    some = Sampler(space_of('regnetx', num_stages=(2, 5)), Constraints(stages=(3, 4)), 0)
    drawn = [draw_and_sample for draw_and_sample in islice(some, 200)]
    assert {len(sample.architecture.stages) for _, sample in drawn} == {3, 4}
    assert [draw for draw, _ in drawn] == sorted(draw for draw, _ in drawn)


def test_each_blocks_space_has_its_parameters():
    for name, has in (
        ('regnetr', {'bottleneck_ratio'}),
        ('regnetv', set()),
        ('regnetx', {'bottleneck_ratio', 'group_width'}),
    ):
        assert set(space_of(name).parameters) & {'bottleneck_ratio', 'group_width'} == has
    with pytest.raises(ValueError, match='block R has no group width, but the space has one'):
        space_of('regnetx', block='R')
    with pytest.raises(
        ValueError, match='block X needs a bottleneck ratio, but the space has none'
    ):
        space_of('regnetx', bottleneck_ratio=None)


def test_r_56_r_110_and_v_56_have_the_published_counts():
    """The 2019 paper's networks: flops, parameters and activations of its authors' code."""
    for block, depth, expected in (
        ('VR2', 9, (125_747_850, 855_770, 544_768)),
        ('VR2', 18, (253_149_834, 1_730_714, 1_060_864)),
        ('V2', 9, (125_485_706, 853_018, 532_480)),
    ):
        network = Architecture.from_lists(
            depths=[depth] * 3,
            widths=[16, 32, 64],
            strides=[1, 2, 2],
            block=block,
            stem='cifar',
            stem_width=16,
        )
        counts = complexity(network, 32, 10)
        assert (counts.flops, counts.parameters, counts.activations) == expected
    for name in ('vanilla', 'resnet'):
        assert space_of(f'cifar2019_{name}').contains(dict(depths=[9, 9, 9], widths=[16, 32, 64]))


def test_a_block_is_part_of_what_a_seed_means():
    assert module.BLOCK == 8192


@pytest.mark.parametrize(
    'constraints',
    [
        dict(flops=(2, 1)),
        dict(flops=3e8),
        dict(flops=(1, 2, 3)),
        dict(flops=('a', 2)),
        dict(limits=dict(flops=dict(root=1))),
        dict(limits=dict(parameters=3)),
        dict(limits=0),
        dict(flops=(float('nan'), 1)),
        dict(stages='12'),
        dict(parameters=(True, 2)),
    ],
)
def test_bad_constraints(constraints):
    with pytest.raises(ValueError, match='must be'):
        Constraints(**constraints)


@pytest.mark.parametrize(
    'change, message',
    [
        (
            dict(resolution='x'),
            "resolution must be whole numbers from 1 to 1,000,000,000, but resolution='x'",
        ),
        (dict(num_classes=-1), 'num_classes must be .* but num_classes=-1'),
        (dict(lr=-0.1), 'lr must be numbers above 0, but lr=-0.1'),
        (dict(activation=5), 'activation must be a name, but activation=5'),
        (
            dict(parameters=5),
            'parameters must be an object of numbers, lists of them, or names, but parameters=5',
        ),
        (dict(parameters=dict(depth=-3)), 'parameters must be an object of numbers'),
        (dict(parameters=dict(depth=[])), 'parameters must be an object of numbers'),
        (dict(architecture='X'), "architecture must be an object, but architecture='X'"),
        (dict(complexity=dict(flops='x')), 'complexity must be an object of flops, parameters'),
        (dict(complexity=dict(flops=1)), 'complexity must be an object of flops, parameters'),
        (
            dict(
                complexity=dict(
                    flops=-1, parameters=1, activations=1, activations_with_classifier=1
                )
            ),
            'complexity must be an',
        ),
        (dict(colour='red'), r"unknown: \['colour'\], missing: \[\]"),
    ],
)
def test_what_is_no_network_of_a_file(change, message):
    written = networks_of(space_of('regnetx'), 1)[0].to_dict()
    with pytest.raises(ValueError, match=message):
        Sample.from_dict({**written, **change})
    with pytest.raises(ValueError, match="missing: .'resolution'."):
        Sample.from_dict({name: value for name, value in written.items() if name != 'resolution'})


def test_counts_that_would_not_fit_are_refused():
    with pytest.raises(
        ValueError, match='stem_width must be at most 16777216, but stem_width=10{30}'
    ):
        networks_of(space_of('regnetx', stem_width=10**30), 1)
