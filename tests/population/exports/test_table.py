"""A population in one file: what is read back from it is what was written."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from rated_populations import rated_population
from reported import items_of

from regnet_plugin.population.exports.table import write_table
from regnet_plugin.population.latency_file import Latency, appended_latencies
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.planning import name_runs, recipe_folder
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.store import Population, PopulationError
from regnet_plugin.report.document import Table
from regnet_plugin.report.populations import Rules
from regnet_plugin.report.report import report

RECIPE = """data_root = 'data/mine'
train_cfg = dict(by_epoch=True, max_epochs=10)
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        type='RepeatDataset', times=2, dataset=dict(type='CustomDataset', data_root='data/mine')))
"""


def trained_population(folder, space, **values):
    """A population in which some networks failed, and some wait.

    One has a failed seed beside a good one, and versions are mixed.
    """
    rated_population(folder, space, 8, failed=1, waiting=2)
    runs = folder / 'runs/short'
    for number, run in enumerate(sorted(runs.glob('*-0'))[:6]):
        result = json.loads((run / 'result.json').read_text())
        result.update(
            versions=dict(torch=f'2.{number % 2}.0', mmcv='2.1.0'),
            metric=result['metric'] and 'accuracy/top5',
        )
        (run / 'result.json').write_text(json.dumps(dict(result, **values)))
    Result(network='000002', seed=1, recipe='short', status='failed', reason='killed').write(
        made(runs / '000002-1')
    )
    Result(
        network='000003',
        seed=1,
        recipe='short',
        status='done',
        last_error=100 / 3,
        best_error=0.1 + 0.2,
    ).write(made(runs / '000003-1'))
    (runs / 'recipe.py').write_text(RECIPE)
    with appended_latencies(Population.open(folder)) as append:
        for number in range(5):
            append(Latency(f'00000{number}', 'fast', 0, 64, 32, 0.1 / (3 + number), None))
    return folder


def made(folder):
    folder.mkdir()
    return folder


SPACES = (
    'anynetx_a_digits',
    'regnetx_digits',
    'regnetvr',
    'regnety_swish',
    'regnetx_lr_wd',
    'regnetx_resolution',
)


@pytest.mark.parametrize('space', SPACES)
def test_what_is_read_back_is_what_was_written_to_the_last_digit(tmp_path, space):
    (before,) = read_records(trained_population(tmp_path / 'mine', space))
    write_table(before, tmp_path / 'mine.jsonl')
    (after,) = read_records(tmp_path / 'mine.jsonl')
    for name in (
        'networks',
        'reasons',
        'is_random_part',
        'backbones',
        'metric',
        'device',
        'conditions',
        'space',
        'name',
    ):
        assert getattr(after, name) == getattr(before, name), name
    for name in ('status', 'last_error', 'best_error', 'deviation', 'seeds', 'failed_seeds'):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name), err_msg=name)
    assert set(after.columns) == set(before.columns)
    for name, values in before.columns.items():
        np.testing.assert_array_equal(after.columns[name], values, err_msg=name)


def test_what_is_sampled_only_and_that_the_rest_is_a_random_part_is_in_a_table(tmp_path, run_tool):
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 12)
    population = Population.open(folder)
    runs = name_runs(recipe_folder(population, 'short'), population, [0], population.seed)
    for run in runs[5:]:
        shutil.rmtree(run.folder)
    done = run_tool('export_table.py', folder)
    assert done.stdout == '5 of 12 networks with an error, 5 planned: mine.jsonl\n', done.stderr
    (read,) = read_records(tmp_path / 'mine.jsonl')
    assert read.is_random_part and (read.status == 'sampled').sum() == 7
    shutil.rmtree(folder / f'runs/short/{runs[0].name}')
    run_tool('export_table.py', folder)
    assert not read_records(tmp_path / 'mine.jsonl')[0].is_random_part


@pytest.mark.parametrize(
    'space, rules', [('regnetx_digits', Rules()), ('regnety_swish', Rules('best', 'counted'))]
)
def test_the_page_of_a_table_says_what_that_of_its_population_says(tmp_path, space, rules):
    other = rated_population(tmp_path / 'other', 'anynetx_a_digits', 24, seed=1)
    before = [*read_records(trained_population(tmp_path / 'mine', space)), *read_records(other)]
    for one in before:
        write_table(one, tmp_path / f'{one.name}.jsonl')
    after = [read_records(tmp_path / f'{one.name}.jsonl')[0] for one in before]
    for given, read in ((before, after), (before[0], after[0])):
        expected, found = report(given, rules), report(read, rules)
        assert found.told == expected.told and found.headline == expected.headline
        assert [section.title for section in found.sections] == [
            section.title for section in expected.sections
        ]
        for section, other in zip(found.sections, expected.sections):
            assert list(section.text) == list(other.text)
            for item, another in zip(section.figures_and_tables, other.figures_and_tables):
                assert (item.title, item.caption) == (another.title, another.caption)
                if isinstance(item, Table):
                    assert str(item.rows) == str(another.rows)
        assert str(found.networks.columns) == str(expected.networks.columns)


def test_a_population_and_its_table_side_by_side_are_the_same(tmp_path):
    """Sixty networks with few different errors: rounded ones would all be on one side of theirs."""
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 60)
    for number, path in enumerate(sorted(folder.glob('runs/short/*/result.json'))):
        error = 100 * (7 + number % 4) / 360
        path.write_text(
            json.dumps(dict(json.loads(path.read_text()), last_error=error, best_error=error))
        )
    (before,) = read_records(folder)
    write_table(before, tmp_path / 'table.jsonl')
    rounded = replace(before, name='rounded', last_error=np.round(before.last_error, 6))
    document = report([before, *read_records(tmp_path / 'table.jsonl'), rounded])
    compared = items_of(document, Table)['comparisons']
    assert [(row[6], row[7]) for row in compared.rows] == [(0.0, 1.0)] * 3
    assert list(document.cautions) == []


def test_errors_in_a_unit_of_their_own(tmp_path):
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 3)
    for path in folder.glob('runs/short/*/result.json'):
        path.write_text(
            json.dumps(
                dict(json.loads(path.read_text()), metric='loss', unit='', last_error=-250.5)
            )
        )
    (before,) = read_records(folder)
    write_table(before, tmp_path / 'mine.jsonl')
    (after,) = read_records(tmp_path / 'mine.jsonl')
    assert (after.unit, after.metric, after.last_error.tolist()) == ('', 'loss', [-250.5] * 3)
    assert report(after).summary == report(before).summary


def test_two_populations_do_not_become_one_that_has_both(tmp_path):
    """Of the design space the first line says all; lines of others are of no common space."""
    for name in ('anynetx_a', 'regnetx'):
        write_table(
            read_records(rated_population(tmp_path / name, f'{name}_digits', 3))[0],
            tmp_path / f'{name}.jsonl',
        )
    lines = ''.join((tmp_path / f'{name}.jsonl').read_text() for name in ('anynetx_a', 'regnetx'))
    renamed = [
        json.dumps(dict(json.loads(line), network=str(number)))
        for number, line in enumerate(lines.splitlines())
    ]
    (tmp_path / 'both.jsonl').write_text('\n'.join(renamed))
    assert read_records(tmp_path / 'both.jsonl')[0].space == dict(name='both')


@pytest.mark.parametrize(
    'parameter', ['last_error', 'network', 'flops', 'status', 'latency', 'w_1', 'recipe']
)
def test_a_parameter_that_is_called_as_another_column_is_refused(tmp_path, parameter):
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 3)
    first, *others = map(json.loads, (folder / 'architectures.jsonl').read_text().splitlines())
    first['parameters'][parameter] = 1
    (folder / 'architectures.jsonl').write_text(
        ''.join(json.dumps(row) + '\n' for row in (first, *others))
    )
    with pytest.raises(
        PopulationError,
        match=f'jsonl:1: a parameter must have a name of its own, but {parameter!r} is',
    ):
        read_records(folder)


def test_an_architecture_has_no_other_entries(tmp_path):
    folder = rated_population(tmp_path / 'mine', 'regnetx_digits', 2)
    text = (
        (folder / 'architectures.jsonl')
        .read_text()
        .replace('"se_ratio"', '"flops": 1, "se_ratio"', 1)
    )
    (folder / 'architectures.jsonl').write_text(text)
    with pytest.raises(
        PopulationError, match=r"architectures.jsonl:1: an architecture has .* unknown: \['flops'\]"
    ):
        read_records(folder)


def test_no_column_takes_the_place_of_another(tmp_path):
    (before,) = read_records(rated_population(tmp_path / 'mine', 'regnetx_digits', 2))
    broken = replace(before, columns=dict(before.columns, last_error=before.columns['flops']))
    with pytest.raises(
        ValueError, match='each column must have a name of its own, but last_error of 000000 is'
    ):
        write_table(broken, tmp_path / 'mine.jsonl')
    assert not (tmp_path / 'mine.jsonl').exists()


def test_means_over_seeds_keep_their_deviation(tmp_path):
    rows = [
        dict(
            network='a',
            last_error=10.5,
            best_error=10,
            deviation=1.5,
            seeds=3,
            depths=[1, 2],
            widths=[8, 16],
        )
    ]
    path = tmp_path / 'given.jsonl'
    path.write_text(''.join(map(json.dumps, rows)) + '\n')
    write_table(read_records(path)[0], tmp_path / 'written.jsonl')
    (records,) = read_records(tmp_path / 'written.jsonl')
    assert (records.last_error[0], records.deviation[0], records.seeds[0]) == (10.5, 1.5, 3)


def test_the_tool(run_tool, tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3)
    done = run_tool('export_table.py', folder, '--out', tmp_path / 'new/mine.jsonl')
    assert done.returncode == 0 and '3 of 3 networks with an error' in done.stdout
    assert len(read_records(tmp_path / 'new/mine.jsonl')[0].networks) == 3


@pytest.mark.parametrize(
    'waiting, name, message',
    [
        (3, 'mine.jsonl', 'a table needs a network with an error, but .*population has none yet'),
        (0, 'mine.json', r'must have a name that ends in \.jsonl, but it is .*mine\.json'),
    ],
)
def test_refusals(run_tool, tmp_path, waiting, name, message):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3, waiting=waiting)
    done = run_tool('export_table.py', folder, '--out', tmp_path / name)
    assert done.returncode == 2 and not (tmp_path / name).exists()
    assert len(done.stderr.splitlines()) == 1
    assert re.search(message, done.stderr), done.stderr


def test_two_recipes_need_a_name(run_tool, tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 2)
    rated = rated_population(tmp_path / 'other', 'regnetx_digits', 2, recipe='longer')
    (rated / 'runs/longer').rename(folder / 'runs/longer')
    done = run_tool('export_table.py', folder, '--out', tmp_path / 'mine.jsonl')
    assert (
        done.returncode == 2 and '--recipe names, but these are there: longer, short' in done.stderr
    )
    done = run_tool(
        'export_table.py', folder, '--recipe', 'longer', '--out', tmp_path / 'mine.jsonl'
    )
    assert done.returncode == 0
