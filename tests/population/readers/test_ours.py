"""Populations of this package, in every state that training leaves them in."""

import json
import math
import os
import random
import statistics
import time

import numpy as np
import pytest
from read_population import run_of, sampled, write

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.population.latency_file import Latency, appended_latencies
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.store import PopulationError


def test_columns_are_those_of_the_samples(population):
    (records,) = read_records(population.directory)
    samples = {network.name: network.sample for network in population}
    draws = {network.name: network.draw for network in population}
    assert records.networks == tuple(samples)
    for row, (name, sample) in enumerate(samples.items()):
        column = {name: values[row] for name, values in records.columns.items()}
        counts, network = sample.complexity, sample.architecture
        expected = dict(
            flops=counts.flops,
            parameters=counts.parameters,
            activations=counts.activations,
            draw=draws[name],
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


def test_of_a_population_that_was_never_trained_all_is_sampled_only(population):
    (records,) = read_records(population.directory)
    assert (records.name, records.source) == ('digits', str(population.directory))
    assert records.status.tolist() == ['sampled'] * 4 and records.configs == (None,) * 4
    assert (
        np.isnan(records.last_error).all()
        and not records.rated().any()
        and records.seeds.tolist() == [0] * 4
    )


def test_the_space_is_that_of_the_manifest(population):
    space = read_records(population.directory)[0].space
    assert space.pop('description')['type'] == 'regnet_plugin.RegNetSpace'
    assert space.pop('uniforms')[:4] == ['depth', 'w_0', 'w_a', 'w_m']
    assert space == dict(
        name='digits', size=985211370, paper_size=251658240, dimension=6, low=2e6, high=8e6, seed=0
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
    assert records.status.tolist() == ['done', 'done', 'failed', 'sampled']
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
