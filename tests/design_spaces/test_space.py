"""Spaces as the papers' tables give them: dimensions, sizes, and what is refused."""

from math import comb

import pytest
from spaces import networks_of, space_of

# Table 1: restriction, degrees of freedom, exact number of draws, and the number printed.
TABLE_1 = {
    'anynetx_a': (16, (16 * 128 * 3 * 6) ** 4, 1.8e18),
    'anynetx_b': (13, (16 * 128 * 6) ** 4 * 3, 6.8e16),
    'anynetx_c': (10, (16 * 128) ** 4 * 3 * 6, 3.2e14),
    'anynetx_d': (10, 16**4 * comb(131, 4) * 18, 1.3e13),
    'anynetx_e': (10, comb(19, 4) * comb(131, 4) * 18, 5.5e11),
    'regnetx': (6, None, 3.0e8),
}


@pytest.mark.parametrize('name', TABLE_1)
def test_dimension_and_size_of_table_1(name):
    dimension, size, printed = TABLE_1[name]
    space = space_of(name)
    assert space.dimension == dimension
    assert size is None or space.size == size
    assert space.paper_size == pytest.approx(printed, rel=0.03)


def test_sizes_that_the_paper_estimates():
    assert space_of('anynetx_d').paper_size == 13_194_139_533_312
    assert space_of('anynetx_e').paper_size == 549_755_813_888
    assert space_of('regnetx').paper_size == 64**4 * 6 * 3 == 301_989_888


@pytest.mark.parametrize(
    'name, size',
    [
        ('vanilla', 1_259_712),
        ('resnet', 1_259_712),
        ('resnext_a', 11_390_625),
        ('resnext_b', 52_734_375),
    ],
)
def test_sizes_of_the_2019_papers_table_2(name, size):
    space = space_of(f'cifar2019_{name}')
    assert space.size == space.paper_size == size


@pytest.mark.parametrize(
    'name, change, message',
    [
        ('regnetx', dict(w_m=1), 'w_m: values must be numbers above 1, but w_m=1'),
        ('regnetx', dict(w_m='abc'), 'w_m: values must be numbers above 1'),
        ('regnetx', dict(w_0=[8, 12]), 'w_0: values must be multiples of 8'),
        (
            'regnetx',
            dict(depth=dict(law='uniform', low=1, high=2, step=0.5)),
            'depth: values must be whole numbers from 1',
        ),
        ('regnetx', dict(resolution=224.5), 'resolution: values must be whole numbers from 1'),
        ('regnetx', dict(activation=3), 'activation: values must be names'),
        ('regnetx', dict(lr=[0]), 'lr: values must be numbers above 0'),
        (
            'regnetx',
            dict(lr=dict(law='log_uniform', low=1, high=1, step=None)),
            'high must be above low',
        ),
        (
            'regnetx',
            dict(lr=dict(law='log_uniform', low=1e-300, high=1e300, step=None)),
            'high / low a number that a float',
        ),
        (
            'regnetx',
            dict(w_m=dict(law='log_uniform', low=0.5, high=2, step=None)),
            'w_m: values must be numbers above 1',
        ),
        ('regnetx', dict(w_m=None), 'w_m: a law is a value, a list'),
        ('regnetx', dict(resolution=None), 'resolution: a law is a value, a list'),
        ('regnetx', dict(depth=10**5), 'depth: values must be whole numbers from 1 to 10,000'),
        ('regnetx', dict(w_a=1e300), 'w_a: values must be numbers above 0, at most'),
        ('regnetx', dict(w_a=0), 'w_a: values must be numbers above 0, at most'),
        ('regnetx', dict(w_a=-1), 'w_a: values must be numbers above 0, at most'),
        ('anynetx_a', dict(depth=2501), 'depths: values must be whole numbers from 1 to 2,500'),
        (
            'regnetx',
            dict(bottleneck_ratio=[1, 0.001]),
            'bottleneck_ratio: values must be ratios of whole numbers from 1 to 64',
        ),
        ('regnetx', dict(block=[1]), r'block must be the name of a block, but block=\[1\]'),
        ('regnetx', dict(limits=5), 'limits must be a dict of parameters and activations'),
        (
            'regnetx',
            dict(limits=dict(parameters=dict(root='a'))),
            'limits must be a dict of parameters and activations',
        ),
        (
            'regnetx',
            dict(strides=5),
            'strides must be a list of positive whole numbers, but strides=5',
        ),
        (
            'regnetx',
            dict(strides=(0, 2, 2, 2)),
            r'strides must be a list of positive whole numbers, but strides=\(0, 2',
        ),
        ('regnetx', dict(num_stages=(2, 10**9)), 'a network must have at most 64 stages'),
        ('anynetx_a', dict(num_stages=10**6), 'a network must have at most 64 stages'),
        (
            'anynetx_a',
            dict(shared_group_width='no'),
            "must be True or False, but .* shared_group_width='no'",
        ),
        ('anynetx_a', dict(depth=None), 'depths: a law is a value, a list'),
        ('anynetx_a', dict(width=[-8]), 'widths: values must be whole numbers from 1'),
        ('anynetx_a', dict(num_stages=0), 'num_stages must be a positive whole number'),
        ('anynetx_a', dict(widths='rising'), "must be one of .* but it is 'rising'"),
        ('anynetx_a', dict(strides=(2, 2, 2, 1025)), 'strides must be at most 1024, but'),
        (
            'anynetx_a',
            dict(strides=(1, 2, 2)),
            r'strides must be given for each stage, but .* there are 4',
        ),
        ('regnetx', dict(num_stages=(3, 4), strides=(1, 2, 2)), 'there are 3 to 4 stages'),
        ('regnetx', dict(num_stages=(3, 4), strides=(1, 2, 2, 2)), 'there are 3 to 4 stages'),
        ('anynetx_a', dict(stem='foo'), "stem must be one of .* but stem='foo'"),
        (
            'anynetx_a',
            dict(stem_width='abc'),
            "stem_width must be a positive whole number, but stem_width='abc'",
        ),
        (
            'anynetx_a',
            dict(num_classes=0),
            'num_classes must be a positive whole number, but num_classes=0',
        ),
        ('anynetx_a', dict(groups=[2]), 'either group_width or groups'),
        (
            'regnetx',
            dict(num_stages=(5, 2)),
            'num_stages must be a positive whole number or a pair',
        ),
    ],
)
def test_bad_spaces(name, change, message):
    with pytest.raises(ValueError, match=message):
        space_of(name, **change)


def test_a_slope_may_be_less_than_a_channel_per_block():
    """Equation 2 needs w_a above 0 only, here u_j = 8 + j / 2 and w_m = 2."""
    space = space_of('regnetx', depth=48, w_0=8, w_a=0.5, w_m=2, group_width=8, num_stages=3)
    (sample,) = networks_of(space, 1)
    # u_j / w_0 = 1 + j / 16 passes the square roots of 2 and 8 within j = 7 and j = 30
    assert (sample.architecture.depths, sample.architecture.widths) == ((7, 23, 18), (8, 16, 32))
