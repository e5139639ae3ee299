"""Populations in training: which part has ended, and means adjusted by the rest."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from rated_populations import rated_population
from reported import items_of, records_of

from regnet_plugin.analysis import adjusted_mean
from regnet_plugin.population.features import features_of
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.planning import name_runs, recipe_folder
from regnet_plugin.population.store import Population
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.populations import ReportedPopulation, Rules
from regnet_plugin.report.report import report, write_report

pytestmark = pytest.mark.usefixtures('no_warnings')


def test_populations_that_are_being_trained(tmp_path):
    partial = rated_population(tmp_path / 'partial', 'regnetx_digits', 10, failed=1, waiting=6)
    document = report(records_of([partial]))
    assert (
        document.told[0] == '1 population, 10 networks: 3 with an error, 1 failed, 6 not finished.'
    )
    assert document.told[1] == (
        'Caution: 4 of 10 networks of partial have ended, and they are not known to be a random '
        'part of them, as where the costliest were trained first: it may not be compared yet.'
    )


def test_of_a_population_in_training_a_part_that_was_trained_in_order_is_said_to_be_random(
    tmp_path,
):
    folder = rated_population(tmp_path / 'whole', 'regnetx_digits', 10, seed=3)
    population = Population.open(folder)
    runs = name_runs(recipe_folder(population, 'short'), population, [0], population.seed)
    for run in (runs[3], *runs[5:]):
        (run.folder / 'result.json').unlink()
    attempt = begin_attempt(runs[3].folder, None, 'a')
    for _ in range(2):  # while it is trained, and when it was interrupted
        told = report(records_of([folder])).told
        assert told[1] == 'Caution: 4 of 10 networks of whole have ended, a random part of them.'
        assert not [text for text in told if 'compared' in text]
        attempt.end('interrupted')
    attempt.path.unlink()
    assert 'it may not be compared yet' in report(records_of([folder])).cautions[0]


def partly_trained(folder, trained, **settings):
    """A population of which some networks, the first in the order of training, have a result."""
    rated_population(folder, 'regnetx_digits', 60, **settings)
    population = Population.open(folder)
    runs = name_runs(recipe_folder(population, 'short'), population, [0], population.seed)
    for run in runs[trained:]:
        (run.folder / 'result.json').unlink()
    return folder


def test_of_a_random_part_means_are_adjusted_by_what_is_known_of_the_rest(tmp_path):
    part = partly_trained(tmp_path / 'part', 30, failed=3)
    whole = rated_population(tmp_path / 'whole', 'regnetx_digits', 30, seed=1)
    records = records_of([part, whole])
    document = report(records)
    population, other = (ReportedPopulation.of(one, Rules()) for one in records)
    waits = np.isin(records[0].status, ('running', 'waiting'))
    errors = np.where(records[0].rated(), records[0].last_error, np.nan)
    found = adjusted_mean(errors, features_of(records[0]), records[0].status == 'failed')
    assert found.off is None and waits.sum() == 30 and found.n == population.n < 30
    space = found.of_space
    (sentence,) = (text for text in document.summary if 'adjusted' in text)
    assert sentence.startswith(
        'Mean error of part, adjusted by what is known of the 30 networks not trained: '
        f'{space.value:.1f}% ({space.low:.1f}% to {space.high:.1f}%); of the others alone: '
        f'{population.mean:.1f}% ('
    )
    tables = items_of(document, Table)
    adjusted = ('adjusted', 'adjusted low', 'adjusted high')
    assert tables['populations'].columns[-3:] == tables['comparisons'].columns[-3:] == adjusted
    assert [row[-3:] for row in tables['populations'].rows] == [
        (space.value, space.low, space.high),
        (None, None, None),
    ]
    ((*_, value, low, high),) = tables['comparisons'].rows
    assert value == pytest.approx(space.value - other.mean) and low < value < high


@pytest.mark.parametrize('settings', [dict(trained=60), dict(trained=60, failed=2)])
def test_of_finished_populations_nothing_is_said_of_adjusted_means(tmp_path, settings):
    document = report(records_of([partly_trained(tmp_path / 'a', **settings)]))
    assert 'adjusted' not in ' '.join(document.summary)
    assert 'adjusted' not in items_of(document, Table)['populations'].columns


def test_a_mean_that_is_not_adjusted_says_why(tmp_path):
    records = records_of([partly_trained(tmp_path / 'a', 30, failed=8)])
    few = records_of([partly_trained(tmp_path / 'few', 10)])
    sentence = 'The mean error of {} is not adjusted by what is known of the {} networks not '
    assert (
        sentence.format('few', 50)
        + 'trained: 10 trained networks are too few, from 20 on a regression helps.'
        in report(few).summary
    )
    assert (
        sentence.format('a', 30) + 'trained: failed networks count, so there is no mean.'
        in report(records, Rules(failed='counted')).summary
    )
    assert 'adjusted' not in ' '.join(report(replace(few[0], is_random_part=False)).summary)


def test_a_table_does_not_say_that_its_networks_are_a_random_part(tmp_path):
    table = tmp_path / 'part.csv'
    table.write_text('network,error,status\na,50,done\nb,40,done\nc,,waiting\n')
    assert (
        '2 of 3 networks of part have ended, and they are not'
        in report(records_of([table])).cautions[0]
    )
    table.write_text('network,error,status,random_part\na,50,done,\nb,40,done,true\nc,,waiting,\n')
    assert (
        report(records_of([table])).told[1]
        == 'Caution: 2 of 3 networks of part have ended, a random part of them.'
    )


def test_of_more_networks_sampled_than_trained_both_numbers_are_told(tmp_path):
    folder = partly_trained(tmp_path / 'part', 30)
    population = Population.open(folder)
    runs = name_runs(recipe_folder(population, 'short'), population, [0], population.seed)
    for run in runs[40:]:
        shutil.rmtree(run.folder)
    document = report(records_of([folder]))
    assert document.told[:2] == [
        '1 population, 60 networks: 30 with an error, 10 not finished, 20 sampled only.',
        'Caution: 30 of 60 networks of part have ended, of 40 that are to be trained, a random '
        'part of them.',
    ]
    assert any('what is known of the 30 networks not trained' in text for text in document.summary)
    table = items_of(document, Table)['populations']
    row = dict(zip(table.columns, table.rows[0]))
    assert [row[name] for name in ('networks', 'planned', 'n', 'not finished')] == [60, 40, 30, 10]
    for run in runs[30:40]:
        shutil.rmtree(run.folder)
    assert report(records_of([folder])).told[1] == (
        'Caution: 30 of 60 networks of part have ended, all that are to be trained, a random part '
        'of them.'
    )


def test_the_adjusted_edf_is_drawn_beside_the_plain_one(tmp_path):
    part = partly_trained(tmp_path / 'part', 30, failed=3)
    whole = rated_population(tmp_path / 'whole', 'regnetx_digits', 30, seed=1)
    records = records_of([part, whole])
    document = report(records)
    found = ReportedPopulation.of(records[0], Rules()).adjusted_edf
    assert found.off is None
    plot = items_of(document, Figure)['edf-adjusted'].plot.draw()
    rows = [name for name in plot.data['population']]
    assert set(rows) == {'part', 'part, adjusted'}
    adjusted = np.array([name == 'part, adjusted' for name in rows])
    for column, values in (
        ('error', found.edf.steps()[0]),
        ('cumulative_probability', found.edf.steps()[1]),
        ('low', found.band.steps()[1]),
        ('high', found.band.steps()[2]),
    ):
        assert np.asarray(plot.data[column])[adjusted] == pytest.approx(values)
    write_report(document, tmp_path / 'page.html')
    assert (tmp_path / 'page_files/edf-adjusted.pdf').exists()


def test_no_figure_of_adjusted_edfs_where_none_is(tmp_path):
    few = partly_trained(tmp_path / 'few', 10)
    whole = rated_population(tmp_path / 'whole', 'regnetx_digits', 30, seed=1)
    assert 'edf-adjusted' not in items_of(report(records_of([few, whole])), Figure)
