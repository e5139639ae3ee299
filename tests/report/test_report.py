"""The report from files to files: its numbers are those of the statistics.

They are so whatever the populations are like.
"""

import csv
import json
import os
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from killing import ROOT
from rated_populations import rated_population
from report_page import place, tip
from scipy import stats

from regnet_plugin.analysis import adjusted_mean, edf, empirical_bootstrap
from regnet_plugin.population.features import features_of
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.planning import name_runs, recipe_folder
from regnet_plugin.population.store import Population
from regnet_plugin.report.document import Document, Figure, Section, Table
from regnet_plugin.report.figures import edf_plot
from regnet_plugin.report.populations import ReportedPopulation, Rules
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import listed

PUBLISHED = ROOT / 'tests/population/readers/regnetx_400mf.csv'
STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')


@pytest.fixture(scope='module')
def steps(tmp_path_factory):
    """The steps of the paper on the digits; the means fall by 2 from C on."""
    folder = tmp_path_factory.mktemp('steps')
    means = dict(zip(STEPS, (50, 50, 50, 48, 46, 44)))
    return [
        rated_population(
            folder / name, f'{name}_digits', 40, mean=means[name], seed=number, failed=number
        )
        for number, name in enumerate(STEPS)
    ]


def records_of(paths):
    return [one for path in paths for one in read_records(path)]


def items_of(document, kind):
    return {
        item.key if kind is Table else item.plot.key: item
        for section in document.sections
        for item in section.items
        if isinstance(item, kind)
    }


def rows_of(path):
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        yield


def test_the_published_population_gives_its_published_numbers(tmp_path):
    """Minimum, mean and bootstrap of the 32 networks of RegNet-Search-PyTorch.

    The bootstrap has a closed form, which was checked there by simulation.
    """
    document = report(records_of([PUBLISHED]))
    write_report(document, tmp_path / 'page.html')
    (population,) = rows_of(tmp_path / 'page_files/populations.csv')
    assert float(population['minimum']) == 34.984 and float(population['mean']) == pytest.approx(
        37.106875
    )
    ranges = {
        row['']: row['regnetx_400mf'] for row in rows_of(tmp_path / 'page_files/parameters.csv')
    }
    assert ranges['depth d'] == '16 (12 to 18)' and ranges['w₀'] == '33 (20 to 42)'
    assert ranges['wₐ'] == '28.85 (26.12 to 56.08)' and ranges['wₘ'] == '2.449 (2.13 to 3.121)'
    assert ranges['group width g'] == '16 (8 to 32)'
    curve = rows_of(tmp_path / 'page_files/edf.csv')
    ends = [
        (float(row['error']), float(row['cumulative_probability'])) for row in (curve[0], curve[-1])
    ]
    assert ends == [(34.984, 1 / 32), (41.068, 1)]


def test_every_figure_and_table_is_a_file_too(tmp_path, steps):
    document = report(records_of(steps))
    write_report(document, tmp_path / 'page.html')
    files = {path.name for path in (tmp_path / 'page_files').iterdir()}
    figures, tables = items_of(document, Figure), items_of(document, Table)
    assert files == (
        {f'{key}.{ending}' for key in figures for ending in ('pdf', 'png', 'csv')}
        | {f'{key}.csv' for key in tables}
        | {'networks.csv'}
    )
    page = (tmp_path / 'page.html').read_text()
    assert all(f'href="./page_files/{name}"' in page for name in files)
    networks = rows_of(tmp_path / 'page_files/networks.csv')
    assert len(networks) == 240 and sum(row['status'] == 'diverged' for row in networks) == sum(
        range(6)
    )


def test_the_kinds_of_figures_of_the_paper_are_there(steps):
    keys = set(items_of(report(records_of(steps)), Figure))
    every = {f'{kind}-{name}' for kind in ('parameters', 'networks', 'widths') for name in STEPS}
    assert (
        every | {'edf', 'design-steps', 'search', 'complexity', 'e-fit', 'error-against-complexity'}
        <= keys
    )


def test_the_steps_of_the_paper_are_told(steps):
    document = report(records_of(steps))
    (section,) = (section for section in document.sections if section.key == 'design')
    restrictions = (
        'shared bottleneck ratio',
        'shared group width',
        'increasing widths',
        'increasing depths',
        'widths and depths from the quantized linear function',
    )
    for name, restriction, sentence in zip(STEPS[1:], restrictions, section.text):
        assert sentence.startswith(f'{name}: {restriction}, ')
    rows = items_of(document, Table)['steps'].rows
    assert [row[0] for row in rows] == list(STEPS) and [row[4] for row in rows] == [
        40,
        39,
        38,
        37,
        36,
        35,
    ]
    assert 'better' in section.text[2] and 'no difference' in section.text[0]


def test_other_orders_are_no_steps(steps):
    document = report(records_of(steps[::-1]))
    assert 'design' not in {section.key for section in document.sections}


def test_numbers_are_those_of_the_statistics(steps):
    records = records_of(steps[-1:])[0]
    entry = ReportedPopulation.of(records, Rules())
    errors = records.last_error[records.status == 'done']
    assert entry.n == len(errors) == 35 and entry.failed == 5
    assert (entry.edf.minimum, entry.edf.mean) == (errors.min(), pytest.approx(errors.mean()))
    table = items_of(report([records]), Table)['parameters']
    found = empirical_bootstrap(records.columns['depth'][records.status == 'done'], errors)
    assert (
        dict(table.rows)['depth d'] == f'{found.median:.4g} ({found.low:.4g} to {found.high:.4g})'
    )


def test_failed_networks_count_if_asked(steps):
    records = records_of(steps[-1:])[0]
    counted = ReportedPopulation.of(records, Rules(failed='counted'))
    assert counted.n == 40 and counted.edf(100) == 35 / 40 and np.isinf(counted.edf.mean)
    assert 'above all others' in report([records], Rules(failed='counted')).sections[0].text[-1]


def test_the_best_epoch_counts_if_asked(steps):
    records = records_of(steps[:1])[0]
    assert (
        ReportedPopulation.of(records, Rules('best')).edf.minimum
        == records.best_error[records.rated('best')].min()
    )


def test_populations_that_are_being_trained(tmp_path):
    partial = rated_population(tmp_path / 'partial', 'regnetx_digits', 10, failed=1, waiting=6)
    document = report(records_of([partial]))
    assert (
        document.summary[0]
        == '1 population, 10 networks: 3 with an error, 1 failed, 6 not finished.'
    )
    assert document.summary[1] == (
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
        summary = report(records_of([folder])).summary
        assert summary[1] == '4 of 10 networks of whole have ended, a random part of them.'
        assert not [text for text in summary if 'compared' in text]
        attempt.end('interrupted')
    attempt.path.unlink()
    assert 'it may not be compared yet' in report(records_of([folder])).summary[1]


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
        'Mean error of part, adjusted by what is known of the 30 networks not finished: '
        f'{space.value:.2f}% ({space.low:.2f}% to {space.high:.2f}%); of the others alone: '
        f'{population.mean:.2f}% ('
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
        + 'finished: 10 trained networks are too few, from 20 on a regression helps.'
        in report(few).summary
    )
    assert (
        sentence.format('a', 30) + 'finished: failed networks count, so there is no mean.'
        in report(records, Rules(failed='counted')).summary
    )
    assert 'adjusted' not in ' '.join(report(replace(few[0], is_random_part=False)).summary)


def test_a_table_does_not_say_that_its_networks_are_a_random_part(tmp_path):
    table = tmp_path / 'part.csv'
    table.write_text('network,error,status\na,50,done\nb,40,done\nc,,waiting\n')
    assert (
        '2 of 3 networks of part have ended, and they are not'
        in report(records_of([table])).summary[1]
    )


@pytest.mark.parametrize(
    'changes',
    [
        dict(size=3, failed=3),
        dict(size=3, waiting=3),
        dict(size=2, failed=1),
        pytest.param(dict(size=1), marks=pytest.mark.acceptance),
    ],
    ids=str,
)
def test_degenerate_populations_have_a_page(tmp_path, changes):
    size = changes.pop('size')
    small = rated_population(tmp_path / 'small', 'regnetx_digits', size, **changes)
    whole = rated_population(tmp_path / 'whole', 'anynetx_a_digits', 5)
    for paths in ([small], [small, whole], [whole, small]):
        write_report(report(records_of(paths)), tmp_path / 'page.html')
        assert '</html>' in (tmp_path / 'page.html').read_text()


def test_all_errors_tied(tmp_path):
    table = tmp_path / 'tied.csv'
    table.write_text(
        'network,error,flops\n' + ''.join(f'n{number},50,{number + 1}e6\n' for number in range(20))
    )
    document = report(records_of([table]))
    assert 'minimum 50.00%' in document.summary[1]
    write_report(document, tmp_path / 'page.html')


def write_regime(folder, regime):
    """Write forty networks around some MF, whose best depth is 20.

    Their latency follows the activations.
    """
    draw = np.random.default_rng(regime)
    depth, flops = draw.integers(8, 40, 40), regime * 1e6 * draw.uniform(0.95, 1.05, 40)
    activations = 6e6 * np.sqrt(flops / 1e9) * draw.uniform(0.7, 1.4, 40)
    columns = dict(
        error=40 - regime / 100 + abs(depth - 20) / 10 + draw.random(40),
        depth=depth,
        flops=flops,
        parameters=1e6 + 5 * flops / 1e3,
        activations=activations,
        latency=activations * 2e-9 + flops * 1e-13,
    )
    path = folder / f'mine_{regime}mf.csv'
    np.savetxt(
        path,
        np.stack(list(columns.values()), axis=1),
        fmt='%.8g',
        delimiter=',',
        header=','.join(columns),
        comments='',
    )
    return path


def test_regimes_have_trends_fits_and_a_latency(tmp_path):
    document = report(records_of([write_regime(tmp_path, regime) for regime in (800, 200, 400)]))
    figures = items_of(document, Figure)
    assert {'trends', 'complexity', 'latency'} <= set(figures)
    (section,) = (section for section in document.sections if section.key == 'cost')
    assert any(
        text.startswith('Latency: activations predict it better than flops')
        for text in section.text
    )
    assert 'mine: no trend with flops is shown for depth d.' in section.text
    assert any(text.startswith('parameters in M = 5 f + 1 ') for text in section.text)
    write_report(document, tmp_path / 'page.html')


def write_best_depth(folder, space, regime, best, others):
    """Forty networks at just some MF: all better ones have the best depth, others any.

    Further parameters vary alike in each regime.
    """
    number = np.arange(40)
    columns = dict(
        error=30 + number / 10,
        flops=np.full(40, regime * 1e6),
        depth=np.where(number < 20, best, 10 + number),
        **{name: 24 + 8 * (number % 3) for name in others},
    )
    path = folder / f'{space}_{regime}mf.csv'
    np.savetxt(
        path,
        np.stack(list(columns.values()), axis=1),
        fmt='%.8g',
        delimiter=',',
        header=','.join(columns),
        comments='',
    )
    return path


@pytest.mark.parametrize(
    'spaces, others, is_shown',
    [
        (('mine',), (), True),
        (('mine',), ('w_0', 'w_a'), False),
        (('mine', 'yours', 'theirs'), (), False),
    ],
    ids=['alone', 'of three parameters', 'of three spaces'],
)
def test_trends_are_corrected_for_their_number(tmp_path, spaces, others, is_shown):
    """A trend that is significant by itself, but not as one of three (Bonferroni)."""
    regimes, depths = (200, 400, 800, 1600), (10, 12, 13, 16)
    p_value = stats.linregress(np.log2(regimes), depths).pvalue
    assert 0.05 / 3 < p_value < 0.05
    document = report(
        records_of(
            write_best_depth(tmp_path, space, regime, depth, others)
            for space in spaces
            for regime, depth in zip(regimes, depths)
        )
    )
    (section,) = (section for section in document.sections if section.key == 'cost')
    number = len(spaces) * (1 + len(others))
    assert section.text[-1].startswith(
        f'Intervals of trends are corrected for their number, {number} '
    )
    for space in spaces:
        of_space = [text for text in section.text if text.startswith(f'{space}: ')]
        grows = [text for text in of_space if ': depth d grows with flops: 1.9' in text]
        unknown = [text for text in of_space if 'no trend with flops is shown for depth d' in text]
        assert (len(grows), len(unknown)) == ((1, 0) if is_shown else (0, 1))


def sized_populations(folder, **middles):
    """Populations whose networks' errors follow from their parameters; 'good' is better."""
    draw = np.random.default_rng(0)
    for name, middle in middles.items():
        parameters = 1e6 * draw.lognormal(np.log(middle), 0.5, 300)
        errors = 20 - 4 * np.log(parameters / 1e6) + draw.normal(0, 0.5, 300) - 3 * (name == 'good')
        np.savetxt(
            folder / f'{name}.csv',
            np.stack([errors, parameters], axis=1),
            delimiter=',',
            header='error,parameters',
            comments='',
        )
    return records_of([folder / f'{name}.csv' for name in middles])


def test_sizes_that_differ_are_told_apart_from_quality(tmp_path):
    """The larger space is better only by its size."""
    document = report(sized_populations(tmp_path, small=1.0, large=1.6))
    assert 'edf-at-equal-parameters' in items_of(document, Figure)
    assert document.summary[1].startswith('large is better than small')
    assert 'At equal parameters' in document.summary[2] and 'p < 0.001' not in document.summary[2]


def test_sizes_and_quality_of_several(tmp_path):
    document = report(sized_populations(tmp_path, small=1.0, large=1.6, good=1.2))
    assert 'Neighbours that differ: large from good (' in ' '.join(document.summary)
    document = report(sized_populations(tmp_path, small=1.0, large=1.6, medium=1.2))
    assert 'Neighbours that differ: none (' in ' '.join(document.summary)


def test_latencies_of_different_devices_are_not_mixed(tmp_path):
    """Both are proportional to the activations; pooled, the flops would seem to tell them."""
    records = records_of([write_regime(tmp_path, regime) for regime in (200, 800)])
    for number, (one, factor) in enumerate(zip(records, (1e-9, 1e-6))):
        columns = dict(one.columns, latency=factor * one.columns['activations'])
        records[number] = replace(one, device=f'device {number}', columns=columns)
    document = report(records)
    assert {'latency', 'latency-2'} <= set(items_of(document, Figure))
    (section,) = (section for section in document.sections if section.key == 'cost')
    for number in (0, 1):
        assert any(
            text.startswith(f'Latency (device {number}): activations predict it better')
            for text in section.text
        )
    assert not any(text.startswith('latency in') for text in section.text)


def test_where_failed_networks_count_the_best_space_is_that_of_the_least_median(steps):
    document = report(records_of(steps[1:]), Rules(failed='counted'))
    assert document.summary[1].startswith('regnetx has the least median error')
    assert 'nan' not in ' '.join(text for section in document.sections for text in section.text)


@pytest.mark.parametrize(
    'changes, caution',
    [
        (dict(metric='coco/bbox_mAP'), 'differ in metric (accuracy/top1 and coco/bbox_mAP)'),
        (
            dict(space=dict(description=dict(num_classes=1000, resolution=32))),
            'differ in number of classes (10 and 1000)',
        ),
    ],
    ids=['metric', 'classes'],
)
def test_what_cannot_be_compared_is_said_first(steps, changes, caution):
    first, second = records_of(steps[:2])
    assert caution in report([first, replace(second, **changes)]).summary[1]
    assert not any('Caution' in text for text in report([first, second]).summary)


def test_sizes_that_do_not_overlap_are_said(tmp_path):
    document = report(records_of([write_regime(tmp_path, regime) for regime in (200, 800)]))
    assert document.summary[1].startswith('Caution: the flops of these populations do not overlap')


def test_a_report_removes_the_files_of_the_one_it_replaces(tmp_path, steps):
    for paths in (steps[:2], steps[:1]):
        write_report(report(records_of(paths)), tmp_path / 'page.html')
    assert not [
        path
        for path in (tmp_path / 'page_files').iterdir()
        if 'anynetx_b' in path.name or 'compar' in path.name
    ]


def test_the_page_has_the_best_of_very_many_networks(tmp_path, monkeypatch):
    monkeypatch.setattr('regnet_plugin.report.report.MOST_NETWORKS', 3)
    table = tmp_path / 'mine.csv'
    table.write_text('network,error\na,33\nb,\nc,31\nd,34\ne,32\n')
    write_report(report(records_of([table])), tmp_path / 'page.html')
    html = (tmp_path / 'page.html').read_text()
    shown = json.loads(
        re.search('<dialog>.*?<script type="application/json">(.*?)</script>', html, re.S)[1]
    )
    assert shown['columns'][shown['names'].index('network')] == ['a', 'c', 'e']
    assert '<p>The 3 of 5 networks with the least errors; the CSV has all.</p>' in html
    assert html.count('The best networks') == 3 and 'All networks' not in html
    names = [row['network'] for row in rows_of(tmp_path / 'page_files/networks.csv')]
    assert names == ['a', 'b', 'c', 'd', 'e']


def test_a_hundred_thousand_networks_make_a_small_page(tmp_path):
    draw = np.random.default_rng(0)
    numbers = np.stack([draw.normal(50, 3, 100_000), draw.integers(4, 60, 100_000)], axis=1)
    table = tmp_path / 'mine.csv'
    np.savetxt(table, numbers, '%.6g', ',', header='error,depth', comments='')
    document = report(records_of([table]))
    write_report(document, tmp_path / 'page.html')
    assert (tmp_path / 'page.html').stat().st_size < 1_500_000
    caption = items_of(document, Figure)['error-against-complexity'].caption
    assert caption.endswith(
        ' Of more than 1,000 networks of a population the 200 best and an even part of the others '
        'are shown, 1,000 in all.'
    )
    assert len(rows_of(tmp_path / 'page_files/networks.csv')) == 100_000


def test_of_very_many_networks_a_random_part_is_fitted(tmp_path, monkeypatch):
    """The part is said; the very best networks are drawn, whether they are in it or not."""
    monkeypatch.setattr('regnet_plugin.report.sections.structure._MOST', 30)
    lines = ['depths,widths,error,b,g'] + [
        f'"1,2,{2 + number % 7},2","16,32,{8 * (5 + number)},512",{40 + number / 10},1,8'
        for number in range(50)
    ]
    table = tmp_path / 'mine.csv'
    table.write_text('\n'.join(lines))
    document = report(records_of([table]))
    (section,) = (one for one in document.sections if one.key == 'structure')
    assert 'mean e_fit of 30 of 50 networks, drawn at random, 0.' in section.text[0]
    assert '; of the best networks of these 0.' in section.text[0]
    e_fit, widths = (item.plot.plot.data for item in section.items)
    fitted = np.isfinite(np.array(e_fit['e_fit'][:50], dtype=float))
    assert fitted.sum() == 30 and not fitted[:20].all(), 'not the best ones, but any'
    assert len(set(widths['network'])) == 20 and set(widths['network']) == {
        f'{number:06d}' for number in range(20)
    }
    again = report(records_of([table]))
    assert next(one for one in again.sections if one.key == 'structure').text == section.text


def test_half_a_surrogate_pair_is_a_name(tmp_path):
    table = tmp_path / 'mine.jsonl'
    table.write_text('{"network": "\\ud800x", "error": 30}\n{"network": "b", "error": 31}\n')
    write_report(report(records_of([table])), tmp_path / 'page.html')
    assert [row['network'] for row in rows_of(tmp_path / 'page_files/networks.csv')] == [
        '\\ud800x',
        'b',
    ]


def test_the_python_of_the_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = rated_population(
        tmp_path / 'work_dirs/regnetx', 'regnetx_digits', 4, recipe='dds_10e_imagenet'
    )
    (folder / 'runs/other').mkdir()
    (folder / 'runs/other/recipe.py').touch()
    blocks = re.findall(r'```python\n(.*?)```', (ROOT / 'docs/reports.md').read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, 'docs/reports.md', 'exec'), {})
    assert (tmp_path / 'edf.png').exists() and '</html>' in (tmp_path / 'report.html').read_text()


def test_a_report_is_of_one_population_or_several_and_its_path_a_text_or_a_path(tmp_path):
    (tmp_path / 'mine.csv').write_text('error\n5\n6\n')
    several = read_records(tmp_path / 'mine.csv')
    (records,) = several
    assert report(records).summary == report(several).summary == report(iter(several)).summary
    for path in (str(tmp_path / 'text.html'), tmp_path / 'path.html'):
        write_report(report(records), path)
        assert '</html>' in Path(path).read_text()


def test_a_recipe_is_chosen_of_folders_beside_tables(tmp_path, run_tool, steps):
    other = rated_population(tmp_path / 'other', 'anynetx_a_digits', 3, recipe='longer')
    rated_population(tmp_path / 'more', 'anynetx_a_digits', 3)
    (tmp_path / 'more/runs/short').rename(other / 'runs/short')
    done = run_tool('report_population.py', other, PUBLISHED, '--recipe', 'longer')
    assert done.returncode == 0 and '2 populations, 35 networks' in done.stdout, done.stderr
    done = run_tool('report_population.py', PUBLISHED, '--recipe', 'longer')
    assert done.returncode == 2 and 'a recipe can be chosen of a folder' in done.stderr


def test_the_same_populations_give_the_same_files(tmp_path, steps):
    for name in ('first', 'second'):
        (tmp_path / name).mkdir()
        document = report(records_of(steps[:2]))
        write_report(document, tmp_path / name / 'page.html')
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name / 'page_files').iterdir()}
        for name in ('first', 'second')
    )
    assert first == second


def test_a_terminal_of_ascii_and_a_reader_that_leaves(tmp_path, run_tool):
    ascii_only = dict(os.environ, PYTHONIOENCODING='ascii', PYTHONUTF8='0', LC_ALL='C')
    done = run_tool('report_population.py', PUBLISHED, env=ascii_only)
    assert done.returncode == 0 and '\\u2080 33 (20 to 42)' in done.stdout and not done.stderr
    command = f'{sys.executable} {ROOT}/tools/report_population.py {PUBLISHED} | true'
    assert not subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True).stderr


def test_the_tool(tmp_path, run_tool, steps):
    done = run_tool(
        'report_population.py', *steps[:2], '-o', 'out/page.html', '--names', 'first', 'second'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('2 populations, 80 networks: 79 with an error, 1 failed.')
    assert (tmp_path / 'out/page.html').exists() and 'first' in (
        tmp_path / 'out/page_files/edf.csv'
    ).read_text()


HOSTILE = '<img src=x onerror=hacked=1>', '</script><script>hacked=1</script>', 'a $b_{$ c'


def test_the_page_in_a_browser(tmp_path, tab, steps):
    """All figures at once: what is pointed at is what the files say.

    Names of populations would be script, if they were not escaped.
    """
    records = [replace(one, name=name) for one, name in zip(records_of(steps[:3]), HOSTILE)]
    write_report(report(records), tmp_path / 'page.html')
    tab.open((tmp_path / 'page.html').as_uri(), before='window.hacked = 0')
    assert tab.evaluate('hacked') == 0 and tab.events('Runtime.exceptionThrown') == []
    ids = tab.each('[id]', 'one.id')
    assert len(ids) == len(set(ids)) and len(tab.each('figure svg', '1')) >= 10
    assert tab.texts('h1') == [listed(HOSTILE)]
    requested = [
        event['request']['url'].rpartition('/')[2]
        for event in tab.events('Network.requestWillBeSent')
    ]
    assert requested == ['page.html']

    curve = rows_of(tmp_path / 'page_files/edf.csv')
    axes = json.loads(tab.evaluate('document.querySelector("#edf script").textContent'))['axes'][0]
    error = sorted(float(row['error']) for row in curve)[len(curve) // 2] + 1e-3
    tab.move(*place(tab, 'edf', axes, error, 0.5))
    assert {line.partition(': ')[0] for line in tip(tab)[1:]} == set(HOSTILE)

    networks = rows_of(tmp_path / 'page_files/networks.csv')
    one = next(
        row for row in networks if row['population'] == HOSTILE[0] and row['status'] == 'done'
    )
    axes = json.loads(
        tab.evaluate('document.querySelector("#error-against-complexity script").textContent')
    )['axes'][0]
    tab.move(
        *place(tab, 'error-against-complexity', axes, float(one['flops']), float(one['error']))
    )
    assert len(tip(tab)) == 4 and set(tip(tab)) & set(HOSTILE)


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['nothing'], 'nothing'),
        ([PUBLISHED, PUBLISHED], 'there twice: regnetx_400mf'),
        ([PUBLISHED, '--names', 'a', 'b'], '--names must be one per population'),
        ([PUBLISHED, '--recipe', 'short'], 'recipe'),
        ([PUBLISHED, '-o', '/dev/null'], 'a file whose name ends in .html'),
        ([PUBLISHED, '-o', 'page.csv'], 'a file whose name ends in .html'),
    ],
    ids=['missing', 'twice', 'names', 'recipe', 'device', 'no page'],
)
def test_what_the_tool_refuses_is_one_line(run_tool, arguments, message):
    done = run_tool('report_population.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1] and not done.stdout


def test_figures_as_svg_on_demand(tmp_path):
    plot = Sketch(edf_plot, 'edf', {'mine': edf([1.0, 2.0, 4.0])})
    document = Document('mine', [], (Section('one', 'One', [], [Figure(plot, 'Errors', '')]),))
    for svg in (True, False):
        write_report(document, tmp_path / 'page.html', svg=svg)
        files = {path.name for path in (tmp_path / 'page_files').iterdir()}
        # nothing is left of the first
        assert files == {'edf.pdf', 'edf.png', 'edf.csv', *(['edf.svg'] if svg else [])}
        assert ('href="./page_files/edf.svg"' in (tmp_path / 'page.html').read_text()) == svg
