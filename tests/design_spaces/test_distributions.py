"""Draws against their exact laws."""

from itertools import product
from math import log

import numpy as np
import pytest
from scipy.stats import chisquare
from spaces import space_of

from regnet_plugin.design_spaces.distributions import WHOLE, Parameter, as_law
from regnet_plugin.design_spaces.laws import LogUniform

DRAWS = 100_000


def uniforms(*shape, seed=2):
    return np.random.default_rng(seed).random(shape)


def counted(drawn, values):
    """How often each value was drawn; nothing else may be."""
    found, counts = np.unique(drawn, return_counts=True)
    assert set(found.tolist()) <= set(values)
    return np.array([dict(zip(found.tolist(), counts)).get(value, 0) for value in values])


def rounded_up(low, high, step):
    """Probabilities of the authors' log-uniform number, rounded up.

    P(k) = ln(k / max(k - q, l')) / ln(h / l'), with l' = l - min(q, l / 2).
    """
    values = [round(k * step, 6) for k in range(round(low / step), round(high / step) + 1)]
    start = low - min(step, low / 2)
    return {value: log(value / max(value - step, start)) / log(high / start) for value in values}


LAWS = {
    'd_i': (dict(law='log_uniform', low=1, high=16), rounded_up(1, 16, 1)),
    'w_i': (dict(law='log_uniform', low=8, high=1024, step=8), rounded_up(8, 1024, 8)),
    'b_i': ([1, 2, 4], dict.fromkeys((1, 2, 4), 1 / 3)),
    'g_i': ([1, 2, 4, 8, 16, 32], dict.fromkeys((1, 2, 4, 8, 16, 32), 1 / 6)),
    'd': (dict(law='uniform', low=1, below=64), dict.fromkeys(range(1, 64), 1 / 63)),
    'w_0': (dict(law='log_uniform', low=8, below=256, step=8), rounded_up(8, 248, 8)),
    'w_a': (dict(law='log_uniform', low=8, below=256, step=0.1), rounded_up(8, 255.9, 0.1)),
    'w_m': (dict(law='log_uniform', low=1.5, high=3, step=0.001), rounded_up(1.5, 3, 0.001)),
    # A power of two from 1 to 32 (1/6 each); 8, 16 and 32 are redrawn from the multiples of 8.
    'g by regime': (
        dict(law='power_or_multiple', low=1, high=32, step=8),
        {1: 1 / 6, 2: 1 / 6, 4: 1 / 6, **{k: p / 2 for k, p in rounded_up(8, 32, 8).items()}},
    ),
    'g at 3.2 GF': (dict(law='power_or_multiple', low=16, high=64, step=8), rounded_up(16, 64, 8)),
}


@pytest.mark.parametrize('name', LAWS)
def test_draws_follow_the_exact_probabilities(name):
    config, expected = LAWS[name]
    law = as_law(config, name)
    assert law.values == pytest.approx(list(expected)) and sum(expected.values()) == pytest.approx(
        1
    )
    assert law.probabilities == pytest.approx(list(expected.values()), rel=1e-6)
    counts = counted(
        np.round(law.draw(uniforms(DRAWS)), 6), [round(value, 6) for value in law.values]
    )
    assert chisquare(counts, DRAWS * np.array(list(expected.values()))).pvalue > 1e-3


@pytest.mark.parametrize('name', LAWS)
def test_values_are_drawn_where_their_probabilities_add_up_to(name):
    """It is tested at the ends of the values and beside them, where a short cut could go wrong."""
    law = as_law(LAWS[name][0], name)
    ends = np.cumsum(law.probabilities)[:-1]
    points = np.concatenate(
        [ends, np.nextafter(ends, 0), np.nextafter(ends, 1), np.arange(1024) / 1024]
    )
    np.testing.assert_array_equal(
        law.draw(points), law.array[np.searchsorted(ends, points, side='right')]
    )


def test_probabilities_of_the_papers_lattices():
    """As the authors' code gives them for d_i and w_i."""
    depth, width = (
        dict(zip(law.values, law.probabilities))
        for law in (as_law(LAWS[name][0], name) for name in ('d_i', 'w_i'))
    )
    assert [depth[k] for k in (1, 2, 3, 4, 8, 16)] == pytest.approx(
        [0.2, 0.2, 0.1170, 0.0830, 0.0385, 0.0186], abs=5e-5
    )
    assert [width[k] for k in (8, 16, 24, 32, 64, 1024)] == pytest.approx(
        [0.125, 0.125, 0.0731, 0.0519, 0.0241, 0.0014], abs=5e-5
    )


def test_multiples_without_a_power_of_two():
    law = as_law(dict(law='power_or_multiple', low=24, high=24, step=8), 'group_width')
    assert (law.values, law.probabilities) == ((24,), (1,))


def test_the_continuous_law():
    values = LogUniform(1e-3, 1).draw(uniforms(DRAWS))
    counts, _ = np.histogram(np.log10(values), bins=np.linspace(-3, 0, 13))
    assert counts.sum() == DRAWS and chisquare(counts).pvalue > 1e-3


SMALL = dict(law='log_uniform', low=8, high=40, step=8)


def conditioned(length, keeps):
    """The law of independent draws conditioned on a rule, by enumeration."""
    law = as_law(SMALL, 'width')
    p = dict(zip(law.values, law.probabilities))
    rows = {
        row: np.prod([p[value] for value in row])
        for row in product(law.values, repeat=length)
        if keeps(row)
    }
    total = sum(rows.values())
    return {row: weight / total for row, weight in rows.items()}


RULES = {
    'increasing': lambda row: all(a <= b for a, b in zip(row, row[1:])),
    'decreasing': lambda row: all(a >= b for a, b in zip(row, row[1:])),
    None: lambda row: True,
}


def pvalue(rows, expected):
    found, counts = np.unique(rows, axis=0, return_counts=True)
    counts = dict(zip(map(tuple, found.tolist()), counts))
    assert set(counts) <= set(expected)
    return chisquare(
        [counts.get(row, 0) for row in expected], len(rows) * np.array(list(expected.values()))
    ).pvalue


@pytest.mark.parametrize('order', RULES)
@pytest.mark.parametrize('length', [2, 4])
def test_rows_follow_the_conditioned_law(order, length):
    drawn = Parameter(as_law(SMALL, 'width'), length, order).draw(uniforms(DRAWS, length))
    assert pvalue(drawn, conditioned(length, RULES[order])) > 1e-3


def test_sorting_is_another_law():
    rows = np.sort(Parameter(as_law(SMALL, 'width'), 4).draw(uniforms(DRAWS, 4)), axis=1)
    assert pvalue(rows, conditioned(4, RULES['increasing'])) < 1e-9


def test_anynetx_e_on_a_reduced_lattice_is_c_conditioned_on_both_rules():
    reduced = dict(width=SMALL, depth=[1, 2, 5], num_stages=3, group_width=[1, 2])
    c, e = space_of('anynetx_c', **reduced), space_of('anynetx_e', **reduced)
    rejected = c.draw(uniforms(8 * DRAWS, c.num_uniforms))
    rows = {
        name: np.concatenate(
            [values[key] for key in ('widths', 'depths')]
            + [values[key][:, :1] for key in ('bottleneck_ratios', 'group_widths')],
            axis=1,
        )
        for name, values in (
            ('c', rejected),
            ('e', e.draw(uniforms(DRAWS, e.num_uniforms, seed=1))),
        )
    }
    keep = (np.diff(rejected['widths'], axis=1) >= 0).all(axis=1) & (
        np.diff(rejected['depths'], axis=1) >= 0
    ).all(axis=1)
    widths = conditioned(3, RULES['increasing'])
    depths = {row: 1 / 10 for row in product([1, 2, 5], repeat=3) if RULES['increasing'](row)}
    law = {
        (*w, *d, b, g): p * q / 6
        for (w, p), (d, q) in product(widths.items(), depths.items())
        for b in (1, 2, 4)
        for g in (1, 2)
    }
    common = dict(sorted(law.items(), key=lambda item: -item[1])[:400])

    def against_the_law(rows):
        keys = [tuple(row) for row in rows.tolist()]
        counts = {key: 0 for key in common}
        others = 0
        for key in keys:
            assert key in law
            if key in counts:
                counts[key] += 1
            else:
                others += 1
        expected = len(keys) * np.array([*common.values(), 1 - sum(common.values())])
        return chisquare([*counts.values(), others], expected).pvalue

    assert against_the_law(rows['e']) > 1e-3
    assert against_the_law(rows['c'][keep]) > 1e-3  # the rejection that the fast way stands for


@pytest.mark.parametrize(
    'config, message',
    [
        (dict(law='log_uniform', low=1), 'a law has the entries law, low, either high or below'),
        (
            dict(law='log_uniform', low=1, high=16, below=17),
            'a law has the entries law, low, either high or below',
        ),
        (
            dict(law='log_uniform', low=1, hihg=16),
            'a law has the entries law, low, either high or below',
        ),
        (
            dict(law='normal', low=1, high=2),
            'law must be one of uniform, log_uniform, power_or_multiple',
        ),
        (
            dict(law=['uniform'], low=1, high=2),
            'law must be one of uniform, log_uniform, power_or_multiple',
        ),
        (dict(law='uniform', low=3, high=2), 'low must not be above high'),
        (dict(law='uniform', low=0, high=2), 'low, high, below and step must be numbers above 0'),
        (dict(law='uniform', low='a', high=2), 'low, high, below and step must be numbers above 0'),
        (
            dict(law='uniform', low=1, below=float('inf')),
            'low, high, below and step must be numbers above 0',
        ),
        (
            dict(law='uniform', low=1, high=10**400),
            'low, high, below and step must be numbers above 0',
        ),
        (dict(law='log_uniform', low=1, high=1e9), 'high must be at most 1,000,000 steps'),
        (
            dict(law='log_uniform', low=8, high=1e300, step=8),
            'high must be at most 1,000,000 steps',
        ),
        (
            dict(law='power_or_multiple', low=3, high=3, step=8),
            'there must be a power of two or a multiple of step from low',
        ),
        (dict(law='uniform', low=1, high=20, step=8), 'low and high must be multiples of step'),
        (
            dict(law='uniform', low=8, high=16, step=0),
            'low, high, below and step must be numbers above 0',
        ),
        (dict(low=8, high=16), 'a law has the entries law, low, either high or below'),
        (
            dict(law='log_uniform', low=1, high=16, step=None),
            'values must be whole numbers from 1 to .* which needs a step',
        ),
        ([8, 8, 16], 'a list must have each value once'),
        ([1, 1.0], 'a list must have each value once'),
        ([10**12], 'values must be whole numbers from 1 to 1,000,000,000'),
        ([], r'a law is a value, a list of values \(numbers or names\), or a dict'),
        ([None], r'a law is a value, a list of values \(numbers or names\), or a dict'),
        (float('nan'), r'a law is a value, a list of values \(numbers or names\), or a dict'),
    ],
)
def test_bad_laws(config, message):
    with pytest.raises(ValueError, match=message) as error:
        as_law(config, 'depth', WHOLE)
    assert 'but depth=' in str(error.value)
