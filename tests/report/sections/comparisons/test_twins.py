"""Populations that share draws: the report says so, and what their twins say of the spaces."""

import json
from dataclasses import replace

import numpy as np
import pytest
from killing import ROOT
from reported import items_of, records_of

from regnet_plugin.analysis import DrawnPopulation, twin_difference
from regnet_plugin.population.features import features_of
from regnet_plugin.report.document import Table
from regnet_plugin.report.populations import Rules
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.sections.comparisons.twins import EXPLANATION

pytestmark = pytest.mark.usefixtures('no_warnings')
STUDY = ROOT / 'docs/study'


@pytest.fixture
def records():
    return [
        replace(one, name=name)
        for one, name in zip(
            records_of([STUDY / 'regnetx.jsonl', STUDY / 'twins/regnety.jsonl']), ('X', 'Y')
        )
    ]


def told(document):
    """What a report says of twins, in the summary and in the section."""
    (section,) = (section for section in document.sections if section.key == 'distributions')
    summary = [text for text in document.summary if 'twin' in text]
    assert [text for text in section.text if 'share draws' in text] == summary
    assert (EXPLANATION in section.text) == bool(summary)
    return summary


def test_the_combined_difference_is_beside_the_plain_one(records, tmp_path):
    found = twin_difference(
        *[DrawnPopulation(one.last_error, one.columns['draw'], features_of(one)) for one in records]
    )
    document = report(records)
    (text,) = told(document)
    assert text == (
        'X and Y share draws: 31 networks of each have a twin in the other, a network of the same '
        'draw. Of 31 trained pairs the mean error of X is 1.45 points lower (95% interval 0.62 to '
        '2.44), and their errors correlate by 0.79; twins have a law of their own, which is not '
        'that of the spaces. With the others, by the shares of twins (37% and 31%), the mean error '
        'of X is 1.4 points lower (95% interval -2.9 to 5.5); without regard to twins it is 2.4 '
        'points lower (95% interval -1.7 to 6.5).'
    )
    (row,) = items_of(document, Table)['twins'].rows
    estimates = [found.of_twins, found.of_spaces, found.unpaired]
    numbers = [(one.value, one.low, one.high) for one in estimates]
    assert row[:4] == ('X', 'Y', 31, 31) and row[4] == pytest.approx(found.correlation)
    assert row[5:] == pytest.approx([number for three in numbers for number in three])
    write_report(document, tmp_path / 'page.html')
    assert 'share draws' in (tmp_path / 'page.html').read_text()


def test_the_other_way_round(records):
    (text,) = told(report(records[::-1]))
    assert 'the mean error of Y is 1.45 points higher (95% interval 0.62 to 2.44)' in text


def test_populations_of_other_draws_have_no_twins():
    document = report(records_of([STUDY / 'regnetx.jsonl', STUDY / 'regnety.jsonl']))
    assert told(document) == [] and 'twins' not in items_of(document, Table)


def test_few_pairs_say_nothing_of_the_spaces(records):
    errors = np.where(np.arange(100) < 20, records[0].last_error, np.nan)
    status = np.where(np.isnan(errors), 'waiting', 'done')
    part = replace(records[0], last_error=errors, best_error=errors, status=status)
    assert told(report([part, records[1]])) == []  # nobody says that they are a random part
    (text,) = told(report([replace(part, is_random_part=True), records[1]]))
    assert text.endswith(
        'not that of the spaces. Of the spaces they tell nothing yet: 8 trained pairs of twins are '
        'too few, from 10 on they help.'
    )


def test_failed_networks_that_count(records):
    status = np.where(np.arange(100) < 5, 'failed', 'done')
    seeds = (np.arange(100) < 5).astype(int)
    failed = replace(records[0], status=status, failed_seeds=seeds)
    assert told(report([failed, records[1]], Rules(failed='counted'))) == []
    (text,) = told(report([failed, records[1]]))
    assert 'Of 29 trained pairs' in text


def test_twins_alone_are_no_population_of_their_space(records):
    _, own, _ = np.intersect1d(
        records[1].columns['draw'], records[0].columns['draw'], return_indices=True
    )
    alone = replace(
        records[1],
        networks=tuple(records[1].networks[row] for row in own),
        reasons=(None,) * 31,
        backbones=tuple(records[1].backbones[row] for row in own),
        configs=(None,) * 31,
        conditions=tuple(records[1].conditions[row] for row in own),
        columns={name: values[own] for name, values in records[1].columns.items()},
        space={**records[1].space, 'twins_of': 'X'},
        **{
            name: getattr(records[1], name)[own]
            for name in (
                'status',
                'last_error',
                'best_error',
                'deviation',
                'seeds',
                'failed_seeds',
            )
        },
    )
    document = report([records[0], alone])
    caution, text = [text for text in document.told if 'twin' in text]
    assert caution.startswith('Caution: Y has twins of X only, networks whose draw that space')
    assert '1.45 points lower' in text and text.endswith('which is not that of the spaces.')
    (row,) = items_of(document, Table)['twins'].rows
    assert row[5] == pytest.approx(-1.4546, abs=1e-3) and row[8:] == (None,) * 6


@pytest.mark.parametrize('draw', [2.5, 23, None])
def test_a_table_whose_draws_are_none(tmp_path, draw):
    """Of a table of one's own anything may be a column."""
    lines = (STUDY / 'twins/regnety.jsonl').read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    rows[1]['draw'] = draw
    path = tmp_path / 'own.jsonl'
    path.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    assert told(report(records_of([STUDY / 'regnetx.jsonl', path]))) == []


def test_of_many_populations_only_neighbours_are_told(records):
    many = [replace(records[number % 2], name=f'{number}') for number in range(6)]
    assert len(told(report(many))) == 5
