"""Design spaces with a rule: what is drawn, by construction or by rejection, and what belongs."""

from itertools import islice

import numpy as np
import pytest
from spaces import networks_of, space_of

from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import NoSuchNetworks, Sampler, draw_block


def widths(sample):
    return sample.parameters['widths']


def of_rule(name, where):
    return space_of(name, where=where)


@pytest.mark.parametrize(
    'whole, where, same',
    [
        ('anynetx_c', 'rising(width)', 'anynetx_d'),
        ('anynetx_d', 'rising(depth)', 'anynetx_e'),
        ('anynetx_c', 'rising(width) and rising(depth)', 'anynetx_e'),
        ('anynetx_c', 'falling(width)', 'anynetx_c_widths_decreasing'),
        ('anynetx_c', 'equal(width)', 'anynetx_c_widths_shared'),
        ('anynetx_d', 'equal(depth)', 'anynetx_d_depths_shared'),
        ('anynetx_a', 'equal(bottleneck_ratio)', 'anynetx_b'),
        ('anynetx_a', 'equal(group_width) and equal(bottleneck_ratio)', 'anynetx_c'),
        ('anynetx_b', 'equal(bottleneck_ratio)', 'anynetx_b'),
        ('anynetx_d_depths_shared', 'rising(depth)', 'anynetx_d_depths_shared'),
    ],
)
def test_orders_are_drawn_as_the_spaces_that_have_them(whole, where, same):
    """The papers' spaces are restrictions of one another, network by network."""
    space, known = of_rule(whole, where), space_of(same)
    assert networks_of(space, 30) == networks_of(known, 30)
    assert (space.dimension, space.size) == (known.dimension, known.size)


@pytest.mark.parametrize(
    'name, where, keeps',
    [
        ('anynetx_c', 'group_width >= 8', lambda s: s.parameters['group_widths'][0] >= 8),
        ('anynetx_a', 'width[3] >= width[2]', lambda s: widths(s)[2] >= widths(s)[1]),
        ('anynetx_a', 'depth <= 20', lambda s: s.architecture.depth <= 20),
        (
            'anynetx_a',
            'flops < 1e9 and depth > 20',
            lambda s: s.complexity.flops < 1e9 and s.architecture.depth > 20,
        ),
        ('regnetx', 'width[4] <= 500', lambda s: s.architecture.widths[3] <= 500),
        ('regnetx', 'bottleneck_ratio > 1', lambda s: s.parameters['bottleneck_ratio'] > 1),
        (
            'regnetx',
            'w_m < 2 or w_a > 100',
            lambda s: s.parameters['w_m'] < 2 or s.parameters['w_a'] > 100,
        ),
        ('regnetx_w_0_is_w_a', 'w_0 <= 64', lambda s: s.parameters['w_0'] <= 64),
        ('regnetx_lr_wd', 'lr > 0.01', lambda s: s.lr > 0.01),
        ('regnetx_resolution', 'resolution >= 200', lambda s: s.resolution >= 200),
        ('cifar2019_resnext_a', 'groups >= 2', lambda s: min(s.parameters['groups']) >= 2),
    ],
)
def test_rejection_leaves_the_candidates_that_keep_the_rule(name, where, keeps):
    """The population is what is left of the whole space's, in its order."""
    expected = [sample for sample in networks_of(space_of(name), 150) if keeps(sample)]
    assert 3 < len(expected) < 150
    assert networks_of(of_rule(name, where), len(expected)) == expected


def test_what_is_rejected_has_the_law_of_what_is_constructed():
    """Four standard errors, and more networks than a wrong law would need to be seen."""
    by_order = draw_block(of_rule('anynetx_a', 'rising(depth)'), Constraints(), 0, 0)
    rule = 'depth[1] <= depth[2] and depth[2] <= depth[3] and depth[3] <= depth[4]'
    depths = []
    for number in range(10):
        block = draw_block(of_rule('anynetx_a', rule), Constraints(), 1, number)
        depths.append(block.accepted[0].networks.depths)
        assert block.keeping < 0.1 * block.networks
    rejected, constructed = np.concatenate(depths), by_order.accepted[0].networks.depths
    assert by_order.keeping == by_order.networks and len(rejected) > 1000
    error = (rejected.var(axis=0) / len(rejected) + constructed.var(axis=0) / 8192) ** 0.5
    assert (np.abs(rejected.mean(axis=0) - constructed.mean(axis=0)) < 4 * error).all()


def test_what_was_drawn_counts_not_what_the_group_width_rule_made_of_it():
    space = of_rule('anynetx_a', 'width[1] == 24')
    samples = networks_of(space, 30)
    assert {sample.parameters['widths'][0] for sample in samples} == {24}
    assert {sample.architecture.widths[0] for sample in samples} > {24}


def test_networks_belong_to_the_space_if_they_keep_the_rule():
    space = of_rule('regnetx', 'width[4] <= 500 and depth <= 20')
    whole = networks_of(space_of('regnetx'), 100)
    kept = [sample for sample in whole if space.contains(sample)]
    assert 0 < len(kept) < 100
    for sample in whole:
        of_rules = sample.architecture.widths[3] <= 500 and sample.architecture.depth <= 20
        assert space.contains(sample) == of_rules


def test_stages_that_some_networks_lack():
    space = space_of('regnetx', num_stages=(3, 4), where='width[4] >= 8')
    assert {len(sample.architecture.depths) for sample in networks_of(space, 20)} == {4}
    with pytest.raises(ValueError, match='numbered from 1 to 4, but the expression has width.5.'):
        space_of('regnetx', num_stages=(3, 4), where='width[5] >= 8')


@pytest.mark.parametrize(
    'name, where, message',
    [
        ('anynetx_c', 'widths[1] > 8', "'widths' is none of them; the nearest is width"),
        ('anynetx_c', 'width[5] > 8', r'numbered from 1 to 4, but the expression has width\[5\]'),
        ('anynetr_a', 'group_width > 8', "'group_width' is none of them"),
        ('anynetx_c', 'w_0 > 8', "'w_0' is none of them"),
        ('anynetx_c', "activation == 'ReLU'", "'activation' is none of them"),
        ('anynetx_c', 'growing(width)', 'a function must be rising, falling, equal'),
        ('anynetx_c', 7, "but it is '7'"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_when_the_space_is_built(name, where, message):
    with pytest.raises(ValueError, match=message):
        of_rule(name, where)


def test_a_rule_that_nothing_keeps_is_named():
    space = of_rule('anynetx_c', 'width[1] > 8 and width[1] < 16')
    sampler = Sampler(space, Constraints(), 0, patience=10_000)
    with pytest.raises(NoSuchNetworks, match="0 of these kept 'width.1. > 8 and width.1. < 16'"):
        list(islice(sampler, 1))
