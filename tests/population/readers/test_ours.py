"""Populations of this package, in every state that training leaves them in."""

import json
import math
import os
import random
import shutil
import statistics
import time

import numpy as np
import pytest
from broken_json import variants
from killing import ROOT

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.exports.optuna import export_optuna
from regnet_plugin.population.latency_file import Latency, appended_latencies
from regnet_plugin.population.ranking import best_networks
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.results import Result, digest_of
from regnet_plugin.population.runs.run import Run, RunFolder
from regnet_plugin.population.runs.standing import Watch
from regnet_plugin.population.sampling import sample_population
from regnet_plugin.population.store import Population, PopulationError
from regnet_plugin.report.report import report


def sampled(folder, config='regnetx_digits', size=4, **intervals):
    space, described, constraints = design_space_of(
        ROOT / f'configs/design_spaces/{config}.py', intervals=intervals
    )
    return sample_population(space, described, constraints, size=size, seed=0, directory=folder)


@pytest.fixture(scope='module')
def sampled_once(tmp_path_factory):
    return sampled(tmp_path_factory.mktemp('populations') / 'digits').directory


@pytest.fixture
def population(sampled_once, tmp_path):
    return Population.open(shutil.copytree(sampled_once, tmp_path / 'digits'))


def run_of(population, network, seed=0, recipe='short'):
    folder = population.directory / 'runs' / recipe / f'{network}-{seed}'
    folder.mkdir(parents=True)
    return folder


def write(population, network, seed=0, recipe='short', error=None, **values):
    values = {
        **dict(status='done', metric='accuracy/top1', last_error=error, best_error=error),
        **values,
    }
    folder = run_of(population, network, seed, recipe)
    Result(network=network, seed=seed, recipe=recipe, **values).write(folder)
    return folder


def test_columns_are_those_of_the_samples(population):
    (records,) = read_records(population.directory)
    samples = {network.name: network.sample for network in population}
    assert records.networks == tuple(samples)
    for row, sample in enumerate(samples.values()):
        column = {name: values[row] for name, values in records.columns.items()}
        counts, network = sample.complexity, sample.architecture
        expected = dict(
            flops=counts.flops,
            parameters=counts.parameters,
            activations=counts.activations,
            b=sample.parameters['bottleneck_ratio'],
            g=sample.parameters['group_width'],
            depth=network.depth,
            **{name: sample.parameters[name] for name in ('w_0', 'w_a', 'w_m')},
        )
        for letter, values in zip(
            'dwbg',
            (network.depths, network.widths, network.bottleneck_ratios, network.group_widths),
        ):
            expected.update((f'{letter}_{stage}', value) for stage, value in enumerate(values, 1))
        assert column == expected
        assert Architecture.from_dict(records.backbones[row]) == network


def test_a_population_that_was_never_trained_waits(population):
    (records,) = read_records(population.directory)
    assert (records.name, records.source) == ('digits', str(population.directory))
    assert records.status.tolist() == ['waiting'] * 4 and records.configs == (None,) * 4
    assert (
        np.isnan(records.last_error).all()
        and not records.rated().any()
        and records.seeds.tolist() == [0] * 4
    )


def test_the_space_is_that_of_the_manifest(population):
    space = read_records(population.directory)[0].space
    assert space.pop('description')['type'] == 'regnet_plugin.RegNetSpace'
    assert space == dict(
        name='digits', size=985211370, paper_size=251658240, dimension=6, low=2e6, high=8e6
    )


def test_a_manifest_without_any_of_it(population):
    (population.directory / 'population.json').write_text('{"constraints": null}')
    assert read_records(population.directory)[0].space == dict(name='digits')


def test_errors_are_means_over_the_seeds_that_ended_well(population):
    for seed, error in enumerate((5.0, 7.0, 6.0)):
        write(
            population, '000000', seed, error=error, best_error=error - 1, seconds=10.0 * (1 + seed)
        )
    write(population, '000000', 3, status='failed', reason='killed')
    write(population, '000001', error=9.0)
    write(population, '000002', status='failed', reason='diverged', best_error=0.5)
    (records,) = read_records(population.directory)
    assert records.status.tolist() == ['done', 'done', 'failed', 'waiting']
    assert records.reasons == (None, None, 'diverged', None) and records.seeds.tolist() == [
        3,
        1,
        0,
        0,
    ]
    assert records.last_error[:2].tolist() == [6.0, 9.0] and records.best_error[:2].tolist() == [
        5.0,
        9.0,
    ]
    assert np.isnan(records.last_error[2:]).all() and np.isnan(records.best_error[2:]).all()
    assert records.deviation[0] == statistics.stdev((5, 6, 7)) and math.isnan(records.deviation[1])
    assert records.columns['seconds'][0] == 20 and np.isnan(records.columns['seconds'][1:]).all()
    assert records.rated().tolist() == [True, True, False, False]


def test_a_recipe_that_evaluates_nothing(population):
    write(population, '000000', metric=None)
    (records,) = read_records(population.directory)
    assert records.status[0] == 'done' and records.seeds[0] == 1 and not records.rated().any()


def test_a_network_whose_first_seed_failed_waits_for_the_second(population):
    write(population, '000000', status='failed', reason='killed')
    run_of(population, '000000', 1)
    assert read_records(population.directory)[0].status[0] == 'waiting'


def test_who_holds_an_attempt_is_training(population):
    held, over, *elsewhere = (run_of(population, f'00000{number}') for number in range(4))
    begin_attempt(held, None, 'token')
    begin_attempt(over, None, 'token').end('interrupted')
    for run, age in zip(elsewhere, (1000, -1000)):  # a clock that is wrong says nothing
        attempt = begin_attempt(run, None, 'token')
        attempt.path.write_text(json.dumps(dict(attempt.values, machine='another')))
        os.utime(attempt.path, (time.time() - age,) * 2)
    assert read_records(population.directory)[0].status.tolist() == [
        'running',
        'waiting',
        'running',
        'running',
    ]


def test_nothing_is_written(population):
    write(population, '000000', error=5.0)
    attempt = begin_attempt(run_of(population, '000001'), None, 'token')
    attempt.path.write_text(json.dumps(dict(attempt.values, machine='another')))
    before = {
        path: path.stat().st_mtime_ns for path in population.directory.rglob('*') if path.is_file()
    }
    read_records(population.directory)
    assert {
        path: path.stat().st_mtime_ns for path in population.directory.rglob('*') if path.is_file()
    } == before


def test_configs_are_those_of_the_first_seed(population):
    for seed in (10, 2):
        (write(population, '000000', seed, error=5.0) / 'config.py').touch()
    write(population, '000001', error=5.0)
    assert read_records(population.directory)[0].configs == (
        str(population.directory / 'runs/short/000000-2/config.py'),
        None,
        None,
        None,
    )


def test_records_of_each_recipe(population):
    write(population, '000000', recipe='long', error=3.0, metric='coco/bbox_mAP')
    write(population, '000000', recipe='short', error=5.0)
    (population.directory / 'runs/planned').mkdir()
    (population.directory / 'runs/planned/recipe.py').touch()
    (population.directory / 'runs/logs').mkdir()
    records = read_records(population.directory)
    assert [found.name for found in records] == [
        'digits · long',
        'digits · planned',
        'digits · short',
    ]
    assert [found.last_error[0] for found in records if found.rated().any()] == [3.0, 5.0]
    assert [found.metric for found in records] == [
        'coco/bbox_mAP',
        'accuracy/top1',
        'accuracy/top1',
    ]
    (chosen,) = read_records(population.directory, recipe='short')
    assert (chosen.name, chosen.last_error[0]) == ('digits · short', 5.0)
    assert read_records(population.directory, recipe='short', name='A')[0].name == 'A'
    assert [found.name for found in read_records(population.directory, name='A')][0] == 'A · long'
    with pytest.raises(
        PopulationError, match=r'trained with \(long, planned, short\), but it is longer'
    ):
        read_records(population.directory, recipe='longer')


def test_a_recipe_of_a_population_without_any(population):
    with pytest.raises(PopulationError, match=r'trained with \(none yet\), but it is short'):
        read_records(population.directory, recipe='short')


def test_latencies_are_of_the_device_with_most_networks(population):
    measured = [
        ('000000', 'slow', 1.0, 3.0),
        ('000000', 'fast', 0.1, 0.3),
        ('000001', 'fast', 0.2, None),
        ('000000', 'fast', 0.15, 0.35),
    ]
    with appended_latencies(population) as append:
        for network, device, inference, training in measured:
            append(Latency(network, device, 0, 64, 32, inference, training))
    (records,) = read_records(population.directory)
    assert records.device == 'fast, batch 64, 32 pixels'
    assert (
        records.columns['latency'][:2].tolist() == [0.15, 0.2]
        and np.isnan(records.columns['latency'][2:]).all()
    )
    assert (
        records.columns['training_step'][0] == 0.35
        and np.isnan(records.columns['training_step'][1:]).all()
    )


def test_a_space_with_settings_and_one_of_several_numbers_of_stages(tmp_path):
    columns = read_records(sampled(tmp_path / 'lr', 'regnetx_lr_wd', 3).directory)[0].columns
    assert columns['lr_weight_decay'] == pytest.approx(columns['lr'] * columns['weight_decay'])
    assert 'resolution' not in columns
    sizes = read_records(sampled(tmp_path / 'resolution', 'regnetx_resolution', 6).directory)[
        0
    ].columns['resolution']
    assert len(set(sizes)) > 1


def test_stages_with_groups_of_their_own_share_none(tmp_path):
    columns = read_records(sampled(tmp_path / 'a', 'anynetx_a_digits', 6).directory)[0].columns
    assert not {'b', 'g', 'w_0'} & set(columns) and {'b_4', 'g_4', 'depth'} <= set(columns)
    shared = sampled(tmp_path / 'c', 'anynetx_c_digits', 6)
    columns = read_records(shared.directory)[0].columns
    assert columns['g'].tolist() == [
        network.sample.parameters['group_widths'][0] for network in shared
    ]
    assert columns['b'].tolist() == [
        network.sample.parameters['bottleneck_ratios'][0] for network in shared
    ]


def test_another_activation_is_in_the_backbone(tmp_path):
    (records,) = read_records(sampled(tmp_path / 'swish', 'regnety_swish', 2).directory)
    assert {backbone['act_cfg']['type'] for backbone in records.backbones} <= {'Swish', 'SiLU'}
    assert all(backbone['block'] == 'Y' for backbone in records.backbones)


def test_a_line_that_is_being_written_is_left_out(population):
    text = population.path.read_text()
    for end in (1, 2, len(text.splitlines()[-1])):
        population.path.write_text(text[:-end])
        assert read_records(population.directory)[0].networks == ('000000', '000001', '000002')


def test_there_must_be_a_network(population):
    population.path.write_text('{"network": ')
    with pytest.raises(PopulationError, match='there is no network in .*digits yet'):
        read_records(population.directory)
    population.path.unlink()
    with pytest.raises(PopulationError, match='there is no network in .*digits yet'):
        read_records(population.directory)


def test_what_is_said_of_a_broken_line(population):
    good = population.path.read_text().splitlines()
    for line, rule in (
        ('{"network": ', 'Expecting value'),
        (good[0], 'once, but 000000 is there twice'),
        ('[1]', 'object'),
        ('null', 'object'),
        ('', 'Expecting value'),
        ('[' * 100_000, ''),
        (good[3].replace('"complexity"', '"cost"'), r"unknown: \['cost'\]"),
        (good[3].replace('"widths": [', '"widths": [-'), 'width must be a positive whole number'),
    ):
        population.path.write_text('\n'.join([*good[:3], line, '']))
        with pytest.raises(PopulationError, match=rf'architectures.jsonl:4: .*{rule}') as caught:
            read_records(population.directory)
        assert '\n' not in str(caught.value)


def test_no_value_of_the_wrong_kind_gets_further_than_its_line(population):
    """Whatever is put in whatever place, nothing but a refusal is raised.

    The rules of `Sample` refuse it, or it is read.
    """
    good = population.path.read_text().splitlines()
    refused = 0
    for broken in variants(json.loads(good[3])):
        population.path.write_text('\n'.join([*good[:3], json.dumps(broken), '']))
        try:
            (records,) = read_records(population.directory)
            assert len(records.networks) == 4
        except PopulationError as error:
            refused += 1
            assert 'architectures.jsonl:4: ' in str(error) and '\n' not in str(error), broken
    assert refused > 300


GOOD = (
    '{"network": "000000", "seed": 0, "recipe": "short", "status": "done", "last_error": %s, '
    '"format": %s}'
)


@pytest.mark.parametrize(
    'text',
    [
        '{"network"',
        '{}',
        '[]',
        '\x00',
        *(
            GOOD % (error, 1)
            for error in (-3, 100.001, '1e308', 'NaN', '-Infinity', '10' * 200, '"5"', 'true')
        ),
    ],
)
def test_a_broken_result_is_a_failure_of_its_run_alone(population, text):
    (write(population, '000000', error=5.0) / 'result.json').write_text(text)
    write(population, '000001', error=7.0)
    write(population, '000001', recipe='other', error=9.0)
    other, records = read_records(population.directory)
    assert (
        records.status.tolist() == ['failed', 'done', 'waiting', 'waiting']
        and records.reasons[0] == 'broken result'
    )
    assert records.last_error[1] == 7 and other.last_error[1] == 9 and not other.notes
    (note,) = records.notes
    assert f'short{os.sep}000000-0{os.sep}result.json: ' in note and '\n' not in note
    assert note.endswith('; tools/train_population.py puts it aside and trains the run again')
    run = RunFolder(population.directory / 'runs/short/000000-0')
    assert (
        run.forget_broken_result()
        and not run.ended
        and (run.folder / 'result.json.broken').read_text() == text
    )


def test_a_result_of_another_version_is_left_to_that(population):
    path = write(population, '000000', error=5.0) / 'result.json'
    path.write_text(GOOD % (5, 99))
    (records,) = read_records(population.directory)
    (note,) = records.notes
    assert (
        records.reasons[0] == 'broken result'
        and 'its format must be 1, but it is 99' in note
        and 'trains' not in note
    )
    run = RunFolder(path.parent)
    assert run.forget_broken_result() is None and run.forget_failure() is None and path.exists()


def test_runs_of_another_population_are_refused(population, tmp_path):
    """They have the same recipe and the same numbers.

    What the results say of the networks' complexity is what tells them apart.
    """
    other = sampled(tmp_path / 'other', 'anynetx_a_digits')
    for there in (population, other):
        network = next(iter(there))
        write(there, network.name, error=5.0, complexity=network.sample.to_dict()['complexity'])
    read_records(population.directory), read_records(other.directory)
    foreign = population.directory / 'runs/short/000000-0/result.json'
    shutil.copy(other.directory / 'runs/short/000000-0/result.json', foreign)
    said = (
        'short/000000-0/result.json: it must be the result of network 000000 of this population, '
        'with '
    )
    run = Run(foreign.parent, next(iter(population)), 0)
    (records,) = read_records(population.directory)
    assert records.reasons[0] == 'broken result' and not records.rated().any()
    (note,) = records.notes
    assert said in note and '\n' not in note
    assert f'Caution: {note}.' in report(records).summary
    assert export_optuna(population).studies == dict(short=dict(complete=0, failed=1))
    assert Watch((run,)).look().failed[0].message == note
    with pytest.raises(PopulationError, match='only 0 of 4 have an error'):
        best_networks(population, 'short', 1)
    assert 'of another population' in run.forget_broken_result() and run.result() is None
    assert foreign.with_name('result.json.broken').exists()


def test_a_key_that_is_there_twice(population):
    run = write(population, '000000', error=5.0)
    text = (run / 'result.json').read_text()
    (run / 'result.json').write_text(text.replace('"seed": 0', '"seed": 0, "last_error": 3', 1))
    (note,) = read_records(population.directory)[0].notes
    assert "result.json: each key must be there once, but 'last_error' is there twice" in note
    (run / 'result.json').write_text(text)
    lines = population.path.read_text()
    population.path.write_text(lines.replace('"draw"', '"network": "000009", "draw"', 1))
    with pytest.raises(
        PopulationError, match="jsonl:1: each key must be there once, but 'network' is there twice"
    ):
        read_records(population.directory)


RECIPE = """train_cfg = dict(by_epoch=True, max_epochs=25)
train_dataloader = dict(
    batch_size=2 * 32,
    dataset=dict(
        type='RepeatDataset', times=2,
        dataset=dict(type='CIFAR10', data_root='data/cifar10', pipeline=[dict(type='X')])))
val_dataloader = dict(dataset=dict(type='CIFAR10', data_root='data/cifar10', split='test'))
open('written', 'w').write('by a recipe that was run')
"""


def test_conditions_are_those_of_the_recipe_as_text_and_of_the_results(
    population, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    write(population, '000000', error=3.0, versions=dict(torch='2.9.0'))
    write(
        population,
        '000000',
        seed=1,
        error=3.0,
        versions=dict(torch='2.8.0'),
        metric='accuracy/top5',
    )
    write(population, '000001', status='failed', reason='killed', versions=dict(torch='2.9.0'))
    (population.directory / 'runs/short/recipe.py').write_text(RECIPE)
    (records,) = read_records(population.directory)
    shared = dict(
        recipe=('short',),
        recipe_digest=(digest_of(RECIPE),),
        epochs=('25',),
        num_classes=('10',),
        resolution=('32',),
        data=('CIFAR10(data_root=data/cifar10) / CIFAR10(data_root=data/cifar10, split=test)',),
    )
    assert records.conditions[0] == dict(
        shared, versions=('torch 2.8.0', 'torch 2.9.0'), metric=('accuracy/top1', 'accuracy/top5')
    )
    assert records.conditions[1] == dict(shared, versions=('torch 2.9.0',))
    assert records.conditions[2] == dict(num_classes=('10',), resolution=('32',))
    assert records.seeds.tolist() == [2, 0, 0, 0] and records.failed_seeds.tolist() == [0, 1, 0, 0]
    assert not (tmp_path / 'written').exists()


@pytest.mark.parametrize(
    'text',
    [
        'def',
        '\0',
        '(' * 10_000,
        'train_cfg = 3',
        'train_cfg = dict(max_epochs="x", **y)',
        'train_dataloader = dict(dataset=[1])',
        'a.b = 1',
        'a = b = 1',
        'x = {**y, 1: 2, z: 3}',
        'x = {[1]}',
    ],
)
def test_a_recipe_of_any_text_is_data(population, text):
    write(population, '000000', error=3.0)
    (population.directory / 'runs/short/recipe.py').write_text(text)
    assert set(read_records(population.directory)[0].conditions[0]) == {
        'recipe',
        'recipe_digest',
        'metric',
        'num_classes',
        'resolution',
    }


def test_folders_of_the_users_are_no_runs(population):
    write(population, 'backup', error=5.0, seed=2)
    (records,) = read_records(population.directory)
    assert 'backup' not in records.networks


def test_runs_of_networks_that_the_population_does_not_have(population):
    write(population, '000009', error=5.0)
    with pytest.raises(
        PopulationError, match='short/000009-0 is a run of a network that .*digits does not have'
    ):
        read_records(population.directory)


def test_a_latency_that_cannot_be_read(population):
    good = json.dumps(
        dict(
            network='000000',
            device='a',
            threads=0,
            batch=1,
            resolution=32,
            inference=1.0,
            training=1.0,
        )
    )
    for line, rule in (
        ('{}', 'latency.jsonl:2: .*missing'),
        (good.replace('1.0', '"x"', 1), "latency must be a number from 0 to 1e100, but it is 'x'"),
        (good.replace('1.0', '-1', 1), 'latency must be a number from 0'),
        (
            good.replace('"a"', '["a"]'),
            r"latency.jsonl:2: device must be a text, but it is \['a'\]",
        ),
        (good.replace('32', '{}'), 'latency.jsonl:2: resolution must be a whole number'),
    ):
        (population.directory / 'latency.jsonl').write_text(f'{good}\n{line}\n')
        with pytest.raises(PopulationError, match=rule):
            read_records(population.directory)
    (population.directory / 'latency.jsonl').write_text(f'{good}\n{good[:-9]}')
    assert read_records(population.directory)[0].columns['latency'][0] == 1


@pytest.mark.parametrize(
    'text, message', [('', 'population.json cannot be read'), ('[]', 'it must be an object')]
)
def test_a_manifest_that_cannot_be_read(population, text, message):
    (population.directory / 'population.json').write_text(text)
    with pytest.raises(PopulationError, match=message):
        read_records(population.directory)


@pytest.mark.acceptance  # seconds of a processor, which others may share
def test_reading_500_results_takes_no_time(population):
    """It is 0.06 s; 20 populations are to be analysed in 10 s."""
    chance = random.Random(0)
    good = json.loads(population.path.read_text().splitlines()[0])
    lines = [json.dumps(dict(good, network=f'{number:06d}')) for number in range(500)]
    population.path.write_text('\n'.join([*lines, '']))
    curve = tuple(
        dict(epoch=epoch, loss=chance.random(), error=50 * chance.random())
        for epoch in range(1, 11)
    )
    for number in range(500):
        write(population, f'{number:06d}', error=50 * chance.random(), seconds=9.0, curve=curve)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        read_records(population.directory)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.25
