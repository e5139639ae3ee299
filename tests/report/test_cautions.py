"""What is said of populations that cannot be compared, or of which too little is known."""

import json
import shutil

import pytest
from rated_populations import rated_population

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.results import Result
from regnet_plugin.report.populations import Rules, reported_populations
from regnet_plugin.report.report import report

RECIPE = """train_cfg = dict(by_epoch=True, max_epochs=10)
train_dataloader = dict(dataset=dict(type='CustomDataset', data_root='data/mine'))
optim_wrapper = dict(optimizer=dict(lr=0.1))
"""


@pytest.fixture(scope='module')
def rated(tmp_path_factory):
    return rated_population(tmp_path_factory.mktemp('rated') / 'a', 'regnetx_digits', 4)


@pytest.fixture
def pair(rated, tmp_path):
    """Two populations that were trained with the same recipe."""
    folders = [tmp_path / name for name in 'ab']
    for folder in folders:
        shutil.copytree(rated, folder)
        (folder / 'runs/short/recipe.py').write_text(RECIPE)
    return folders


def told(*folders, **rules):
    return report([one for folder in folders for one in read_records(folder)], Rules(**rules)).told


def cautions(*folders, **rules):
    return [text for text in told(*folders, **rules) if text.startswith('Caution')]


def change(run, **values):
    path = run / 'result.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_populations_that_were_trained_alike_get_none(pair):
    assert cautions(*pair) == []


@pytest.mark.parametrize(
    'before, after, said',
    [
        (
            'max_epochs=10',
            'max_epochs=25',
            'not trained alike: epochs (10 and 25) and recipe (short ',
        ),
        (
            'by_epoch=True, max_epochs=10',
            'by_epoch=False, max_iters=9000',
            'epochs (10 and 9,000 iterations)',
        ),
        ('lr=0.1', 'lr=0.2', 'not trained alike: recipe (short '),
        (
            'data/mine',
            'data/other',
            'in data (CustomDataset(data_root=data/mine) and CustomDataset(data_root=data/other)).',
        ),
    ],
)
def test_recipes_that_differ_are_said(pair, before, after, said):
    path = pair[1] / 'runs/short/recipe.py'
    path.write_text(path.read_text().replace(before, after))
    assert said in ' '.join(cautions(*pair))


def test_one_recipe_under_two_names_is_one_recipe(pair):
    (pair[1] / 'runs/short').rename(pair[1] / 'runs/renamed')
    assert cautions(*pair) == []


@pytest.mark.parametrize(
    'values, said',
    [
        (
            dict(versions=dict(torch='2.9.0', mmcv='2.1.0')),
            'not trained alike: torch (2.8.0 and 2.9.0).',
        ),
        (
            dict(metric='single-label/recall'),
            'differ in metric (accuracy/top1 and single-label/recall). Their errors cannot',
        ),
    ],
)
def test_what_the_results_tell_of_populations_or_networks_that_differ_is_said(pair, values, said):
    runs = [sorted(folder.glob('runs/short/*-0')) for folder in pair]
    for run in (*runs[0], *runs[1]):
        change(run, versions=dict(torch='2.8.0', mmcv='2.1.0'))
    for run in runs[1]:
        change(run, **values)
    (text,) = cautions(*pair)
    assert text.startswith('Caution: The populations ') and said in text
    change(runs[0][1], **values)
    (text,) = cautions(pair[0])
    assert text.startswith('Caution: The networks of a ') and said in text


def add_run(folder, network, seed, **values):
    run = folder / f'runs/short/{network}-{seed}'
    run.mkdir()
    Result(network=network, seed=seed, recipe='short', **values).write(run)


def test_numbers_of_trainings_that_differ_are_said(pair):
    add_run(
        pair[1],
        '000002',
        1,
        status='done',
        last_error=40.0,
        best_error=40.0,
        metric='accuracy/top1',
    )
    assert 'trainings that a network has its error from (1 and 2)' in cautions(*pair)[0]
    assert 'trainings that a network has its error from (1 and 2)' in cautions(pair[1])[0]


@pytest.mark.parametrize(
    'failed, treated',
    [
        ('outside', 'their errors are means over those that did not'),
        ('counted', 'they have an error above all others'),
    ],
)
def test_failed_trainings_beside_good_ones_are_said(pair, failed, treated):
    for seed in (1, 2):
        add_run(pair[0], '000000', seed, status='failed', reason='diverged')
    (text,) = cautions(pair[0], failed=failed)
    assert (
        text == f'Caution: Of 1 network of a, 2 trainings failed and others ended well; {treated}.'
    )
    document = report(read_records(pair[0]), Rules(failed=failed))
    assert document.told[0] == '1 population, 4 networks: 4 with an error.'
    assert (
        'Failed trainings beside others that ended well: a: 2 trainings of 1 network.'
        in document.sections[0].text
    )
    table = document.sections[0].items[0]
    n, mean = (table.rows[0][table.columns.index(name)] for name in ('n', 'mean'))
    assert n == 4 and (mean == float('inf')) == (failed == 'counted')


@pytest.mark.parametrize(
    'changes, said',
    [
        (dict(failed=4), 'No network has an error: all of them failed.'),
        (dict(failed=2, waiting=2), 'No network has an error yet.'),
    ],
)
def test_why_no_network_has_an_error(tmp_path, changes, said):
    assert told(rated_population(tmp_path / 'a', 'regnetx_digits', 4, **changes))[1] == said


def test_trainings_that_evaluate_nothing_are_no_trainings_that_go_on(pair):
    for run in pair[0].glob('runs/short/*-0'):
        change(run, last_error=None, best_error=None, metric=None)
    assert told(pair[0]) == [
        '1 population, 4 networks: 0 with an error, 4 trained without one.',
        'No network has an error, and training has ended: the recipe must evaluate.',
    ]


@pytest.mark.parametrize('size', [3, 19])
def test_few_networks_do_not_tell_the_best_values(tmp_path, size):
    document = report(read_records(rated_population(tmp_path / 'a', 'regnetx_digits', size)))
    assert document.summary[-1].startswith(
        f'{size} networks of a are too few to tell which values the best ones of its'
    )
    (section,) = (section for section in document.sections if section.key == 'values')
    assert 'No population has the 20 networks' in section.text[1]
    (table,) = section.items[-1].items
    assert {value for row in table.rows for value in row[1:]} == {'\u2013'}


@pytest.mark.parametrize(
    'errors, said',
    [
        ((0.37, 0.25, 0.31), '3 errors of 3 up to 1%'),
        ((37, 0.25, 31, 1), '2 errors of 4 up to 1%'),
        ((37, 25, 31), None),
        ((0.4, 0.9, 1.5, 3.0), None),
        ((0, 0, 12), None),
    ],
)
def test_errors_that_may_be_fractions_get_a_hint(tmp_path, errors, said):
    path = tmp_path / 'mine.csv'
    path.write_text('error\n' + '\n'.join(map(str, errors)))
    expected = (
        []
        if said is None
        else [f'Caution: mine has {said}. Errors are in percent: are these fractions?']
    )
    assert cautions(path) == expected


def test_only_populations_that_are_counted_as_published_networks_stand_beside_them(tmp_path):
    more = dict(
        imagenet=('', ''),
        small=(',resolution', ',32'),
        few=(',num_classes', ',10'),
        boxes=(',metric', ',coco/bbox_mAP'),
    )
    for name, (column, cell) in more.items():
        rows = ''.join(f'{30 + n},{n + 1}e8{cell}\n' for n in range(5))
        (tmp_path / f'{name}.csv').write_text(f'error,flops{column}\n{rows}')
    titles = {
        name: report(read_records(tmp_path / f'{name}.csv')).sections[-1].title for name in more
    }
    assert titles == dict(
        imagenet='Beside published networks',
        **dict.fromkeys(('small', 'few', 'boxes'), 'Error against complexity'),
    )


@pytest.mark.parametrize('unit, second', [('%', 40.0), ('metric', 40.000004)])
def test_errors_in_percent_that_float32_cannot_tell_apart_are_ties(tmp_path, unit, second):
    (tmp_path / 'mine.csv').write_text(f'error,unit\n40,{unit}\n40.000004,{unit}\n')
    (tmp_path / 'other.csv').write_text(f'error,unit\n40.00002,{unit}\n41,{unit}\n')
    records = [read_records(tmp_path / name)[0] for name in ('mine.csv', 'other.csv')]
    assert [
        error for entry in reported_populations(records, Rules()) for error in entry.errors
    ] == [
        40.0,
        second,
        40.00002,
        41.0,
    ]
