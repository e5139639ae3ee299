"""A study whose populations are partly trained: adjusted means are beside the plain ones."""

from dataclasses import replace

import numpy as np
import pytest
from study_results import made_up_results

from regnet_plugin.analysis import adjusted_difference
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.populations import ReportedPopulation, Rules
from regnet_plugin.study.judging.findings import findings
from regnet_plugin.study.page import write_page
from regnet_plugin.study.questions import questions
from regnet_plugin.study.results import Results, read_results

MEANS = dict(
    anynetx_a=40, anynetx_b=40, anynetx_c=40, anynetx_d=34, anynetx_e=28, regnetx=22, regnety=16
)
TRAINED = 30  # of 60


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp('results')
    whole = read_results(made_up_results(folder, MEANS, size=60), folder)
    populations = {}
    for key, population in whole.populations.items():
        waits = np.arange(60) >= TRAINED
        records = replace(
            population.records,
            status=np.where(waits, 'waiting', population.records.status),
            last_error=np.where(waits, np.nan, population.records.last_error),
            best_error=np.where(waits, np.nan, population.records.best_error),
            is_random_part=key != 'regnety',
        )
        populations[key] = ReportedPopulation.of(records, Rules())
    return Results(whole.plan, populations)


def chapters(results):
    return {chapter.key: chapter for chapter in questions(results)}


def table_of(chapter):
    (table,) = (item for item in chapter.items if isinstance(item, Table))
    return table


def test_means_differences_and_edfs_are_adjusted(results):
    found = chapters(results)
    told = [text for text in found['read'].text if 'adjusted by what is known' in text]
    assert [text.split(',')[0] for text in told] == [
        f'Mean error of {results.populations[key].name}' for key in MEANS if key != 'regnety'
    ]
    for key in ('read', 'design', 'se'):
        assert table_of(found[key]).columns[-3:] == ('adjusted', 'adjusted low', 'adjusted high')
    first, *steps = [row[-3:] for row in table_of(found['design']).rows]
    assert first == (None, None, None)
    after, before = results.get('anynetx_b', 'anynetx_a')
    expected = adjusted_difference(after.adjusted, before.adjusted)
    assert steps[0] == (expected.value, expected.low, expected.high)
    for key in ('design', 'se'):
        figures = [item.title for item in found[key].items if isinstance(item, Figure)]
        assert 'Error distributions, adjusted' in figures


def evidence_of(results):
    """What the second finding, on widths and depths, rests on."""
    return '; '.join(judged.judgement.evidence for judged in findings(results)[1].claims)


def test_the_evidence_of_findings_has_adjusted_differences(results):
    """But not where all is trained: there the adjusted mean is the plain one."""
    after, before = results.get('anynetx_d', 'anynetx_c')
    expected = adjusted_difference(after.adjusted, before.adjusted)
    evidence = evidence_of(results)
    assert f'that are not trained {expected.value:+.2f} points ({expected.low:+.2f} to' in evidence
    assert evidence.count('adjusted') == 2  # widths and depths
    whole = {
        key: ReportedPopulation.of(
            replace(one.records, status=np.full(60, 'done'), last_error=np.arange(60.0)), Rules()
        )
        for key, one in results.populations.items()
    }
    assert 'adjusted' not in evidence_of(Results(results.plan, whole))


def test_what_is_no_random_part_is_not_adjusted(results):
    *_, (*_, adjusted, _, _) = table_of(chapters(results)['read']).rows
    assert adjusted is None


def test_the_page_has_them(results, tmp_path):
    write_page(results, tmp_path / 'README.md')
    page = (tmp_path / 'README.md').read_text()
    assert 'adjusted by what is known of the 30 networks' in page
    assert (tmp_path / 'figures/design-edf-adjusted.svg').exists()
