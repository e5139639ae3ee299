"""tools/measure_latency.py: a line per network, nothing measured twice, never beside a training."""

import json

import pytest
from killing import ROOT

from regnet_plugin.benchmarks.latency_display import latency_summary
from regnet_plugin.benchmarks.latency_measurement import (
    _groups,
    check_alone,
    classifier_of,
    measure_latencies,
)
from regnet_plugin.cli.errors import UserError
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.latency_file import Latency, appended_latencies, read_latencies
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.planning import recipe_folder
from regnet_plugin.population.runs.run import cost_of
from regnet_plugin.population.store import PopulationError


def sampled(folder, space='regnetx_digits', size=3):
    space, described, constraints = design_space_of(ROOT / f'configs/design_spaces/{space}.py')
    return sample_population(space, described, constraints, size=size, seed=0, directory=folder)


@pytest.fixture
def population(tmp_path):
    return sampled(tmp_path / 'population')


@pytest.mark.acceptance
def test_a_line_per_network_and_none_twice(population, run_tool):
    flags = (population.directory, '--batch', 2, '--rounds', 3)
    done = run_tool('measure_latency.py', *flags)
    assert done.returncode == 0, done.stderr
    path = population.directory / 'latency.jsonl'
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line['network'] for line in lines) == ['000000', '000001', '000002']
    for line in lines:
        assert 1e-4 < line['inference'] < line['training'] < 10 and line['inference_spread'] >= 0
        assert (line['batch'], line['resolution'], line['rounds']) == (2, 32, 3) and set(
            line['versions']
        ) > {'torch'}
    assert '3 networks, batches of 2 on' in done.stdout and 'training: ' in done.stdout
    before = path.read_text()
    again = run_tool('measure_latency.py', *flags)
    assert (
        done.stdout.splitlines()[-1] == f'3 new in {path}'
        and again.stdout.splitlines()[-1] == f'nothing new in {path}'
    )
    assert again.returncode == 0 and path.read_text() == before
    path.write_text(before[:-30])  # a kill
    assert run_tool('measure_latency.py', *flags).returncode == 0
    after = path.read_text()
    assert (
        after.startswith(''.join(before.splitlines(keepends=True)[:-1]))
        and len(read_latencies(population)) == 3
    )


OWN_BLOCK = """
from regnet_plugin.models.blocks import VanillaBlock
from regnet_plugin.registry import MODELS


@MODELS.register_module()
class {name}(VanillaBlock):
    pass
"""


def made_of(population, module):
    """Have the networks of a population be made of a block of a module's, which has its name."""
    path = population.directory / 'architectures.jsonl'
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line['architecture'].update(
            block=module, bottleneck_ratios=None, group_widths=None, se_ratio=0.0
        )
    path.write_text(''.join(json.dumps(line) + '\n' for line in lines))
    population.note(custom_imports=[module])


def test_networks_with_a_block_of_ones_own_are_measured_where_its_module_is_found(
    population, tmp_path, monkeypatch
):
    made_of(population, 'OwnLatencyBlock')
    with pytest.raises(UserError, match='the population needs OwnLatencyBlock on PYTHONPATH'):
        measure_latencies(population, batch=2, rounds=1)
    (tmp_path / 'modules').mkdir()
    (tmp_path / 'modules/OwnLatencyBlock.py').write_text(OWN_BLOCK.format(name='OwnLatencyBlock'))
    monkeypatch.syspath_prepend(tmp_path / 'modules')
    latencies, new = measure_latencies(population, batch=2, rounds=1)
    assert new == 3 and all(latency.inference and latency.training for latency in latencies)


def test_a_batch_of_one_image_is_measured_as_far_as_it_can_be(population):
    """Networks of the digits end with maps of 4x4.

    A stem of ResNet's leaves one pixel, which cannot be normalized.
    """
    (found,), _ = measure_latencies(population, batch=1, rounds=1, names=['000000'])
    assert found.inference and found.training
    path = population.directory / 'architectures.jsonl'
    path.write_text(
        path.read_text()
        .replace('"stem": "cifar"', '"stem": "resnet"')
        .replace('"stem": "simple"', '"stem": "resnet"')
    )
    (found,), _ = measure_latencies(population, batch=1, rounds=1, names=['000001'])
    assert found.inference and found.training is None
    assert 'one image is too few for maps of 1x1, for 1 network' in latency_summary([found])


def test_another_batch_is_measured_too_and_only_what_was_asked_for(population):
    for batch in (2, 3):
        found, new = measure_latencies(population, batch=batch, rounds=1, names=['000002'])
        assert new == 1 and [(latency.network, latency.batch) for latency in found] == [
            ('000002', batch)
        ]
    assert len(read_latencies(population)) == 2


def test_not_while_runs_are_trained_on_this_machine(population, run_tool):
    folder = recipe_folder(population, 'short') / '000001-0'
    folder.mkdir(parents=True)
    attempt = begin_attempt(folder, None, 'token')  # this process is at it
    done = run_tool('measure_latency.py', population.directory, '--batch', 2, '--rounds', 1)
    assert done.returncode == 2 and not (population.directory / 'latency.jsonl').exists()
    message = done.stderr.splitlines()[-1]
    assert (
        'error: latency is measured alone on a machine, but' in message
        and 'runs/short/000001-0 (' in message
    )
    other = recipe_folder(population, 'zzz') / folder.name  # of another recipe, and over
    other.mkdir(parents=True)
    begin_attempt(other, None, 'token').end('killed')
    with pytest.raises(UserError, match='runs/short/000001-0'):
        check_alone(population)
    attempt.end('interrupted')
    measure_latencies(population, batch=2, rounds=1, names=['000000'])


def test_not_beside_another_measuring(population):
    with appended_latencies(population):
        with pytest.raises(PopulationError, match='measured alone, but another process'):
            measure_latencies(population, batch=2, rounds=1)


def test_a_broken_line_is_named_and_a_cut_off_end_forgiven(population):
    latency = Latency('000000', 'A', 1, 64, 32, 0.1, None)
    with appended_latencies(population) as append:
        append(latency)
    path = population.directory / 'latency.jsonl'
    path.write_text(path.read_text() + path.read_text()[:-1])
    assert read_latencies(population) == [latency]
    good = path.read_text()
    for text in (b'nothing', b'\xff\xfe\0', 200000 * b'[', b'5'):
        path.write_bytes(text + b'\n' + good.encode())
        with pytest.raises(PopulationError, match=r'latency.jsonl:1: ') as caught:
            read_latencies(population)
        assert '\n' not in str(caught.value)


def test_what_does_not_fit_into_memory_has_no_time(population):
    (found,), _ = measure_latencies(population, batch=10**8, rounds=1, names=['000000'])
    assert (found.inference, found.training) == (None, None)
    assert latency_summary([found]).splitlines()[1:] == [
        f'{kind}: out of memory for 1 network' for kind in ('inference', 'training')
    ]


@pytest.mark.parametrize(
    'values', [dict(batch=10**30), dict(batch=0), dict(threads=99999999999), dict(threads=0)]
)
def test_batch_and_threads_have_a_range(population, values):
    with pytest.raises(ValueError, match='must be from 1 to .*, but it is'):
        measure_latencies(population, **{**dict(batch=2, rounds=1), **values})


def test_groups_have_the_whole_range_of_costs(tmp_path):
    networks = list(sampled(tmp_path / 'many', size=20))
    groups = _groups(networks)
    assert [len(group) for group in groups] == [7, 7, 6]
    assert sorted(network.name for group in groups for network in group) == [
        network.name for network in networks
    ]
    cheapest, costliest = (choose(map(cost_of, networks)) for choose in (min, max))
    middle = (cheapest + costliest) / 2
    assert all(cost_of(group[0]) < middle < cost_of(group[-1]) for group in groups)


def test_a_network_is_built_as_its_sample_says(tmp_path):
    import torch

    sample = next(iter(sampled(tmp_path / 'swish', 'regnety_swish', 1))).sample
    network = classifier_of(sample)
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 1000)
    kinds = {type(module).__name__ for module in network.modules()}
    assert kinds & {'SiLU', 'Swish'} and 'ReLU' not in {type(network.backbone.activation).__name__}
    weights = sum(parameter.numel() for parameter in network.parameters())
    assert weights == sample.complexity.parameters
