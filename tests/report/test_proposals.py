"""The next step: what a page and a terminal say of restrictions, and of which populations."""

import re
from dataclasses import replace

import numpy as np
import pytest
from killing import ROOT
from rated_populations import rated_population

from regnet_plugin.analysis import judge_restrictions
from regnet_plugin.population.proposals import kept_in, proposals
from regnet_plugin.population.readers import read_records
from regnet_plugin.report import proposals as report_proposals
from regnet_plugin.report.populations import Rules, reported_populations
from regnet_plugin.report.proposals import judged, judgement_lines, proposed, why_not
from regnet_plugin.report.report import report


def stored(name):
    (records,) = read_records(ROOT / f'docs/study/{name}.jsonl')
    return records


def reported(records, **rules):
    (population,) = reported_populations([records], Rules(**rules))
    return population


def section_of(*records, **rules):
    sections = report(records, Rules(**rules)).sections
    return next((section for section in sections if section.key == 'next'), None)


def test_the_section_has_the_first_ten_with_the_numbers_of_the_statistic():
    records = stored('anynetx_c')
    masks = {rule: mask for rule, mask in proposals(records).items() if 5 <= mask.sum() <= 95}
    expected = judge_restrictions(masks, records.last_error, seed=0)
    section = section_of(records)
    figure, table = section.items
    assert (figure.plot.key, table.key) == ('next-anynetx_c', 'restrictions-anynetx_c')
    assert len(table.rows) == 10
    for row, one in zip(table.rows, expected.ranked):
        numbers = (one.mean, one.difference, one.low, one.high)
        assert row[:3] == (one.name, one.kept, f'{one.kept}%')  # of 100 networks
        assert row[3:7] == pytest.approx(numbers, rel=1e-4)  # ties are made equal
        assert row[8] == one.trainings
    data = figure.plot.plot.data
    assert list(data['name']) == [row[0] for row in table.rows]
    assert list(data['low']) == [row[5] for row in table.rows]
    text = ' '.join(section.text)
    assert f'mean error 17.3%: of {len(masks)} restrictions tried one is shown to leave' in text
    assert 'most promising width[4] >= 40, which keeps 48% of the networks, with a mean' in text
    assert (
        f'95% intervals of all {len(masks)} restrictions together, by 100 networks'
        in figure.caption
    )


def test_nothing_is_shown_of_errors_that_mean_nothing():
    records = stored('anynetx_c')
    errors = np.random.default_rng(0).permutation(records.last_error)
    text = ' '.join(section_of(replace(records, last_error=errors)).text)
    assert 'none is shown to leave better networks; most promising ' in text


def test_of_several_populations_each_has_its_own_and_of_many_the_best():
    some = [replace(stored('anynetx_d'), name=f'population {number}') for number in range(9)]
    first = section_of(*some[:2])
    assert len(list(first.figures_and_tables)) == 4
    assert first.items[-1].title == 'population 1: what restrictions would leave'
    assert len(section_of(*some).items) == 2


def test_networks_that_wait_are_no_matter_if_the_others_are_a_random_part(tmp_path):
    folder = rated_population(tmp_path / 'mine', 'anynetx_a_digits', 60, waiting=10)
    (records,) = read_records(folder)
    partly = replace(records, is_random_part=True)
    found = proposed(reported(partly))
    assert found.n == 50 and found.mean == pytest.approx(np.nanmean(records.last_error), abs=1e-4)
    by_cost = reported(replace(records, is_random_part=False))
    assert 'not known to be a random part of it' in why_not(by_cost)
    assert section_of(by_cost.records) is None
    with pytest.raises(ValueError, match='restrictions may not be judged yet'):
        proposed(by_cost)


def test_failed_networks_that_count_and_too_few(tmp_path):
    folder = rated_population(tmp_path / 'mine', 'anynetx_a_digits', 40, failed=3)
    (records,) = read_records(folder)
    assert proposed(reported(records)).n == 37
    assert section_of(records, failed='counted') is None
    with pytest.raises(
        ValueError, match='failed networks count, so there is no mean error of mine'
    ):
        proposed(reported(records, failed='counted'))
    with pytest.raises(ValueError, match='20 networks with an error or more, but pilot_1 has 16'):
        proposed(reported(stored('pilot/pilot_1')))


def test_of_very_many_a_random_part_is_judged(monkeypatch):
    monkeypatch.setattr(report_proposals, '_MOST', 60)
    records = stored('anynetx_d')
    found = proposed(reported(records))
    assert found.n == 60 and found.mean != pytest.approx(records.last_error.mean(), abs=1e-3)
    assert proposed(reported(records)) == found
    assert 'by 60 networks of 100, drawn at random' in section_of(records).items[0].caption


def test_a_restriction_of_ones_own_pays_for_itself_only():
    records = stored('anynetx_c')
    rule = 'rising(width)'
    alone = judged(reported(records), rule)
    (expected,) = judge_restrictions(
        {rule: kept_in(records, rule)}, records.last_error, seed=0
    ).ranked
    assert alone.low == pytest.approx(expected.low, rel=1e-4)
    (among,) = [one for one in proposed(reported(records)).ranked if one.name == rule]
    assert among.low < alone.low
    assert judged(reported(records), 'falling(width)') is None  # two networks keep it


def test_lines_of_a_terminal():
    lines = judgement_lines(ROOT / 'docs/study/anynetx_c.jsonl')
    assert len(lines) == 11
    assert lines[0].startswith(
        '100 networks with an error, 17.3% on average; 25 restrictions tried'
    )
    assert 'keeps  48%: 12.4%, -4.92 (' in lines[1] and lines[1].endswith('shown to be better')
    assert 'rising(width)' in lines[2] and 'trainings more, if it is so' in lines[2]
    (line,) = judgement_lines(ROOT / 'docs/study/anynetx_c.jsonl', where='width[4] < 40')
    assert line.startswith('width[4] < 40  keeps  52%') and line.endswith('no better; 95% interval')
    (line,) = judgement_lines(ROOT / 'docs/study/anynetx_c.jsonl', where='falling(width)')
    assert line == (
        'falling(width): not judged, for fewer than 5 networks with an error keep it, or do not'
    )


def test_the_python_of_the_page_runs_as_it_stands(monkeypatch):
    monkeypatch.chdir(ROOT)
    page = (ROOT / 'docs/how_to/restrictions.md').read_text()
    (block,) = re.findall(r'^```python\n(from .*?)^```', page, re.MULTILINE | re.DOTALL)
    names = {}
    exec(block, names)
    assert names['best'].name == 'width[4] >= 40' and names['rising'].kept == 5


def test_what_the_page_quotes_is_what_is_said():
    quoted = re.search(
        r'^```\n(width.*?)^```',
        (ROOT / 'docs/how_to/restrictions.md').read_text(),
        re.MULTILINE | re.DOTALL,
    )[1]
    assert quoted.splitlines() == judgement_lines(ROOT / 'docs/study/anynetx_c.jsonl')[1:4]
