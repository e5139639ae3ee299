"""The report from files to files: its numbers are those of the statistics.

They are so whatever the populations are like.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from killing import ROOT
from rated_populations import rated_population
from report_page import place, tip
from reported import PUBLISHED, STEPS, items_of, records_of, rows_of

from regnet_plugin.analysis import edf, empirical_bootstrap
from regnet_plugin.population.readers import read_records
from regnet_plugin.report.document import Document, Figure, Section, Table
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import edf_plot
from regnet_plugin.report.populations import ReportedPopulation, Rules
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.wording import listed

pytestmark = pytest.mark.usefixtures('no_warnings')


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
        row['parameter']: row['regnetx_400mf']
        for row in rows_of(tmp_path / 'page_files/parameters.csv')
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
    every = {f'{kind}-{name}' for kind in ('networks', 'widths') for name in STEPS}
    every |= {f'parameter-{name}' for name in ('depth', 'b', 'g', 'd_1', 'w_4', 'w_0', 'w_m')}
    every |= {'edf', 'differences', 'design-steps', 'search', 'complexity', 'e-fit'}
    assert every | {'error-against-complexity'} <= keys


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
    assert 'minimum 50.0%' in document.summary[0]
    assert document.headline.startswith(
        'Half of the networks of tied have an error of at most 50.0%'
    )
    write_report(document, tmp_path / 'page.html')


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
    assert document.headline.startswith('large beats small by ')
    assert document.summary[0].startswith('large is better than small')
    assert 'At equal parameters' in document.summary[1] and 'p < 0.001' not in document.summary[1]


def test_sizes_and_quality_of_several(tmp_path):
    document = report(sized_populations(tmp_path, small=1.0, large=1.6, good=1.2))
    assert 'Neighbours that differ: large from good (' in ' '.join(document.summary)
    document = report(sized_populations(tmp_path, small=1.0, large=1.6, medium=1.2))
    assert 'Neighbours that differ: none (' in ' '.join(document.summary)


def test_where_failed_networks_count_the_best_space_is_that_of_the_least_median(steps):
    document = report(records_of(steps[1:]), Rules(failed='counted'))
    assert document.summary[0].startswith('regnetx has the least median error')
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
    assert caution in report([first, replace(second, **changes)]).cautions[0]
    assert report([first, second]).cautions == []


def test_a_report_removes_the_files_of_the_one_it_replaces(tmp_path, steps):
    for paths in (steps[:2], steps[:1]):
        write_report(report(records_of(paths)), tmp_path / 'page.html')
    assert not [
        path
        for path in (tmp_path / 'page_files').iterdir()
        if 'anynetx_b' in path.name or 'compar' in path.name
    ]


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
    blocks = re.findall(
        r'```python\n(.*?)```', (ROOT / 'docs/how_to/reports.md').read_text(), re.DOTALL
    )
    assert blocks
    (tmp_path / 'docs').symlink_to(ROOT / 'docs')
    names = {}
    for block in blocks:
        exec(compile(block, 'docs/how_to/reports.md', 'exec'), names)
    assert names['found'].of_spaces.value < 0 < names['found'].pairs
    assert (tmp_path / 'edf.png').exists() and '</html>' in (tmp_path / 'report.html').read_text()


def test_a_report_is_of_one_population_or_several_and_its_path_a_text_or_a_path(tmp_path):
    (tmp_path / 'mine.csv').write_text('error\n5\n6\n')
    several = read_records(tmp_path / 'mine.csv')
    (records,) = several
    assert report(records).summary == report(several).summary == report(iter(several)).summary
    for path in (str(tmp_path / 'text.html'), tmp_path / 'path.html'):
        write_report(report(records), path)
        assert '</html>' in Path(path).read_text()


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
    assert tab.texts('.title') == [listed(HOSTILE)]
    assert any(name in tab.texts('h1')[0] for name in HOSTILE)
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
    of_first = (row for row in networks if row['population'] == HOSTILE[0] and row['error'])
    one = min(of_first, key=lambda row: float(row['error']))
    axes = json.loads(
        tab.evaluate('document.querySelector("#error-against-complexity script").textContent')
    )['axes'][0]
    tab.move(
        *place(tab, 'error-against-complexity', axes, float(one['flops']), float(one['error']))
    )
    assert len(tip(tab)) == 4 and set(tip(tab)) & set(HOSTILE)


def test_figures_as_svg_on_demand(tmp_path):
    plot = Sketch(edf_plot, 'edf', {'mine': edf([1.0, 2.0, 4.0])})
    document = Document('mine', [], (Section('one', 'One', [], [Figure(plot, 'Errors', '')]),))
    for svg in (True, False):
        write_report(document, tmp_path / 'page.html', svg=svg)
        files = {path.name for path in (tmp_path / 'page_files').iterdir()}
        # nothing is left of the first
        assert files == {'edf.pdf', 'edf.png', 'edf.csv', *(['edf.svg'] if svg else [])}
        assert ('href="./page_files/edf.svg"' in (tmp_path / 'page.html').read_text()) == svg


def test_curves_of_trainings_are_in_the_table_of_networks(steps, tmp_path):
    records = records_of(steps[:1])[0]
    document = report([records])
    assert document.networks.curves == list(records.curves)
    done = records.status == 'done'
    for curve, error, ended in zip(records.curves, records.last_error, done):
        if ended:
            epochs, errors = zip(*curve)
            assert list(epochs) == list(range(1, len(epochs) + 1))
            assert errors[-1] == pytest.approx(error)
    write_report(document, tmp_path / 'page.html')
    assert '"curves":[[[' in (tmp_path / 'page.html').read_text()
    (table,) = records_of([PUBLISHED])  # knows of none
    assert report([table]).networks.curves == ()


def test_populations_keep_their_colours_beside_one_without_errors(tmp_path):
    waiting = rated_population(tmp_path / 'waiting', 'anynetx_a_digits', 4, waiting=4)
    rated = rated_population(tmp_path / 'rated', 'regnetx_digits', 24)
    document = report(records_of([waiting, rated]))
    figures = items_of(document, Figure)
    for key in ('edf', 'search', 'error-against-complexity', 'parameter-depth', 'e-fit'):
        svg = figures[key].plot.svg()
        assert 'var(--series-2' in svg, key
        assert 'var(--series-1' not in svg or key == 'edf', key
