"""Restrictions that a population suggests, and which networks keep a rule."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rated_populations import rated_population

from regnet_plugin.population.proposals import kept_in, known_of, proposals
from regnet_plugin.population.readers import read_records

STUDY = Path(__file__).resolve().parents[2] / 'docs/study'
NAN = float('nan')


def stored(name):
    (records,) = read_records(STUDY / f'{name}.jsonl')
    return records


def test_orders_and_halves_of_each_parameter():
    """AnyNetX_C: one b and one g for all stages, depths and widths of their own."""
    records = stored('anynetx_c')
    found, columns = proposals(records), records.columns
    widths = np.array([columns[f'w_{stage}'] for stage in (1, 2, 3, 4)])
    assert found['rising(width)'].tolist() == (np.diff(widths, axis=0) >= 0).all(axis=0).tolist()
    assert 'rising(bottleneck_ratio)' not in found and 'equal(group_width)' not in found
    halves = {}
    for rule, mask in found.items():
        if '=' in rule:
            halves.setdefault(rule.split()[0], []).append(mask)
    stages = [f'{name}[{stage}]' for name in ('depth', 'width') for stage in (1, 2, 3, 4)]
    assert set(halves) == {'depth', *stages, 'bottleneck_ratio', 'group_width'}
    for lower, upper in halves.values():
        assert (lower == ~upper).all() and 25 <= lower.sum() <= 75
    assert found['width[4] >= 40'].tolist() == (columns['w_4'] >= 40).tolist()


def test_what_a_regnet_space_draws_is_halved_too():
    records = stored('regnetx')
    found = proposals(records)
    names = {rule.split()[0] for rule in found if '=' in rule}
    assert {'w_0', 'w_a', 'w_m', 'depth', 'width[4]', 'group_width'} <= names
    assert not names & {'flops', 'seconds', 'latency', 'training_step', 'b', 'g', 'w_1'}
    assert 'rising(width)' not in found  # all of them have rising widths


def test_each_restriction_keeps_other_networks_some_and_not_all():
    for name in ('anynetx_a', 'anynetx_e', 'regnetv'):
        masks = list(proposals(stored(name)).values())
        assert len({mask.tobytes() for mask in masks}) == len(masks) > 15
        assert all(0 < mask.sum() < len(mask) for mask in masks)


def test_errors_have_no_influence():
    records = stored('anynetx_c')
    turned = replace(
        records, last_error=records.last_error[::-1], best_error=records.best_error * 0
    )
    assert list(proposals(turned)) == list(proposals(records))


def test_a_rule_of_ones_own():
    records = stored('anynetx_a')
    columns = records.columns
    expected = columns['w_3'] >= columns['w_2']
    for stage in (1, 2, 3, 4):
        expected &= columns[f'g_{stage}'] >= 2
    assert (
        kept_in(records, 'width[3] >= width[2] and group_width >= 2').tolist() == expected.tolist()
    )
    assert kept_in(records, 'flops < 950000').sum() == (columns['flops'] < 950_000).sum()


def test_stages_that_are_not_there_and_nominal_group_widths(tmp_path):
    table = tmp_path / 'mine.csv'
    table.write_text(
        'error,depths,widths,bottleneck_ratios,group_widths,g\n'
        '10,"[1, 2]","[8, 24]","[1, 1]","[8, 8]",8\n'
        '11,"[1, 2, 3]","[8, 16, 24]","[1, 1, 1]","[8, 16, 24]",32\n'
    )
    (records,) = read_records(table)
    known = known_of(records)
    np.testing.assert_array_equal(known.stages['width'], [[8, 24, NAN], [8, 16, 24]])
    np.testing.assert_array_equal(known.stages['group_width'], [[8, 8, NAN], [32, 32, 32]])
    assert known.numbers['depth'].tolist() == [3, 6]
    assert kept_in(records, 'width[3] >= 8').tolist() == [False, True]
    assert kept_in(records, 'group_width >= 32').tolist() == [False, True]


def test_a_folder_knows_what_its_space_draws(tmp_path):
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 20, waiting=5)
    (records,) = read_records(folder)
    assert all(len(mask) == 20 for mask in proposals(records).values())
    assert kept_in(records, 'w_m <= 2').tolist() == (records.columns['w_m'] <= 2).tolist()


@pytest.mark.parametrize(
    'rule, message',
    [
        ('width[1] >= 1', "out others, but 'width.1. >= 1' keeps 100 of the 100 of anynetx_c"),
        ('width[1] < 1', 'keeps 0 of the 100 of anynetx_c'),
        ('widht[1] >= 8', 'the nearest is width'),
        ('width[5] >= 8', 'stages are numbered from 1 to 4'),
        ('w_0 >= 8', "'w_0' is none of them"),
        ('seconds < 3', "'seconds' is none of them"),
        ('last_error < 10', "'last_error' is none of them"),
        ('width[1] >', 'invalid syntax'),
    ],
)
def test_what_is_refused(rule, message):
    with pytest.raises(ValueError, match=message):
        kept_in(stored('anynetx_c'), rule)


def test_a_table_of_errors_only(tmp_path):
    table = tmp_path / 'mine.csv'
    table.write_text('error\n10\n11\n')
    (records,) = read_records(table)
    assert proposals(records) == {}
    with pytest.raises(
        ValueError, match='made of parameters, stages or counts, but mine has errors'
    ):
        kept_in(records, 'width > 8')
