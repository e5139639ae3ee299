"""A population on disk: resumed after anything, never overwritten, readable by others."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from killing import ROOT
from sampled_population import CONFIG, bytes_of, sampled

from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.population.store import Population, PopulationError


def test_files_are_plain_and_complete(tmp_path):
    population = sampled(tmp_path / 'p')
    manifest = json.loads((tmp_path / 'p/population.json').read_text())
    assert manifest['complete'] and manifest['size'] == 40 and manifest['seed'] == 0
    assert manifest['constraints'] == dict(flops=[360e6, 400e6])
    assert manifest['space']['type'] == 'regnet_plugin.RegNetSpace'
    assert (
        manifest['dimension'] == 6
        and manifest['space_size_of_the_paper'] == 301_989_888 < manifest['space_size']
    )
    assert set(manifest['versions']) == {'regnet_plugin', 'numpy', 'python'}
    lines = [
        json.loads(line) for line in (tmp_path / 'p/architectures.jsonl').read_text().splitlines()
    ]
    assert [line['network'] for line in lines] == [f'{number:06d}' for number in range(40)]
    assert manifest['attempts'] == lines[-1]['draw'] + 1
    assert manifest['acceptance_rate'] == pytest.approx(40 / manifest['attempts'])
    assert set(lines[0]['parameters']) == {
        'depth',
        'w_0',
        'w_a',
        'w_m',
        'bottleneck_ratio',
        'group_width',
    }
    assert [network.sample.to_dict()['architecture'] for network in population] == [
        line['architecture'] for line in lines
    ]


def test_a_larger_population_begins_with_the_smaller_and_is_reached_in_steps(tmp_path):
    sampled(tmp_path / 'whole', size=60)
    sampled(tmp_path / 'steps', size=10)
    assert bytes_of(tmp_path / 'whole').startswith(bytes_of(tmp_path / 'steps'))
    sampled(tmp_path / 'steps', size=35, mode='resume', processes=2)
    sampled(tmp_path / 'steps', size=60, mode='resume')
    assert bytes_of(tmp_path / 'whole') == bytes_of(tmp_path / 'steps')
    assert json.loads((tmp_path / 'whole/population.json').read_text()) == json.loads(
        (tmp_path / 'steps/population.json').read_text()
    )
    sampled(tmp_path / 'steps', size=5, mode='resume')  # there are more already
    assert bytes_of(tmp_path / 'whole') == bytes_of(tmp_path / 'steps')


@pytest.mark.parametrize('cut', [1, 200, 5000])
def test_a_file_cut_anywhere_is_continued_to_the_same_population(tmp_path, cut):
    sampled(tmp_path / 'whole')
    sampled(tmp_path / 'cut')
    path = tmp_path / 'cut/architectures.jsonl'
    path.write_bytes(path.read_bytes()[:-cut])
    sampled(tmp_path / 'cut', mode='resume')
    assert bytes_of(tmp_path / 'whole') == bytes_of(tmp_path / 'cut')


def test_a_killed_sampling_is_continued_to_the_same_population(tmp_path):
    command = [
        sys.executable,
        ROOT / 'tools/sample_population.py',
        CONFIG,
        '--flops',
        '360e6',
        '400e6',
        '--size',
        '6000',
    ]
    environment = dict(os.environ, OMP_NUM_THREADS='1')
    path = tmp_path / 'killed/architectures.jsonl'
    for flags in ([], ['--resume']):
        before = path.stat().st_size if flags else 0
        process = subprocess.Popen(
            [*command, '--out', tmp_path / 'killed', *flags], env=environment
        )
        deadline = time.monotonic() + 60
        while not path.exists() or path.stat().st_size <= before:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    found = len(path.read_bytes().splitlines())
    assert 0 < found < 6000 and not Population.open(tmp_path / 'killed').manifest['complete']
    sampled(tmp_path / 'killed', size=found + 200, mode='resume')
    sampled(tmp_path / 'whole', size=found + 200)
    assert bytes_of(tmp_path / 'whole') == bytes_of(tmp_path / 'killed')


def test_an_existing_population_is_not_overwritten(tmp_path):
    sampled(tmp_path / 'p')
    before = bytes_of(tmp_path / 'p')
    with pytest.raises(
        PopulationError,
        match='there is a population in .*: --resume goes on with it, --overwrite re',
    ):
        sampled(tmp_path / 'p', seed=1)
    assert bytes_of(tmp_path / 'p') == before
    (tmp_path / 'p/notes.txt').write_text('mine')
    sampled(tmp_path / 'p', seed=1, mode='overwrite')
    assert bytes_of(tmp_path / 'p') != before and (tmp_path / 'p/notes.txt').exists()


def test_what_is_there_stays_when_the_new_one_fails(tmp_path):
    sampled(tmp_path / 'p')
    before = bytes_of(tmp_path / 'p')
    with pytest.raises(ValueError, match='gave no new one'):
        sampled(
            tmp_path / 'p', mode='overwrite', constraints=Constraints(flops=(1, 2)), patience=10_000
        )
    assert bytes_of(tmp_path / 'p') == before


def test_resuming_nothing_begins(tmp_path):
    assert len(list(sampled(tmp_path / 'p', size=3, mode='resume'))) == 3


def test_one_process_writes_at_a_time(tmp_path):
    population = sampled(tmp_path / 'p')
    first = population.append(iter(list(population)))
    next(first)
    with pytest.raises(PopulationError, match='another process is writing'):
        sampled(tmp_path / 'p', size=60, mode='resume')
    first.close()


@pytest.mark.parametrize(
    'damage', [lambda lines: lines[5:], lambda lines: lines[:10] + lines[:10] + lines[10:]]
)
def test_a_population_with_lines_lost_or_doubled_is_not_continued(tmp_path, damage):
    sampled(tmp_path / 'p')
    path = tmp_path / 'p/architectures.jsonl'
    path.write_text(''.join(damage(path.read_text().splitlines(keepends=True))))
    with pytest.raises(
        PopulationError, match=r'architectures.jsonl:\d+: networks must be numbered from 000000'
    ):
        sampled(tmp_path / 'p', size=60, mode='resume')


@pytest.mark.parametrize(
    'change, name',
    [
        (dict(seed=1), 'seed'),
        (dict(constraints=Constraints(flops=(1e8, 2e8))), 'constraints'),
        (dict(config=CONFIG.parent / 'regnety.py'), 'space'),
    ],
)
def test_only_the_same_population_is_resumed(tmp_path, change, name):
    sampled(tmp_path / 'p', size=3)
    with pytest.raises(PopulationError, match=f'holds another population: its {name} is'):
        sampled(tmp_path / 'p', mode='resume', **change)


@pytest.mark.parametrize('name', ['runs', 'baselines', 'latency.jsonl'])
def test_networks_never_get_what_was_made_of_others(tmp_path, name):
    """They would, for they have the same numbers."""
    sampled(tmp_path / 'p', size=3)
    before = bytes_of(tmp_path / 'p')
    (tmp_path / 'p' / name).mkdir()
    with pytest.raises(
        PopulationError, match=f'without results of another one, but .*/p has {name}'
    ):
        sampled(tmp_path / 'p', size=3, seed=1, mode='overwrite')
    assert bytes_of(tmp_path / 'p') == before
    assert len(list(sampled(tmp_path / 'p', size=4, mode='resume'))) == 4
    for path in tmp_path.glob('p/*.json*'):
        if path.is_file():
            path.unlink()
    for mode in ('create', 'resume', 'overwrite'):
        with pytest.raises(PopulationError, match='without results of another one'):
            sampled(tmp_path / 'p', size=3, mode=mode)
    assert [path.name for path in (tmp_path / 'p').iterdir()] == [name]


def test_a_space_with_tuples_is_resumed(tmp_path):
    """JSON knows lists only."""
    config = CONFIG.parent / 'cifar2019_resnet.py'
    sampled(tmp_path / 'p', size=3, config=config, constraints=Constraints())
    assert (
        len(
            list(
                sampled(
                    tmp_path / 'p', size=6, config=config, constraints=Constraints(), mode='resume'
                )
            )
        )
        == 6
    )


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(size=0), 'size must be a positive whole number, but size=0'),
        (dict(seed=-1), 'seed must be a whole number from 0, but seed=-1'),
        (dict(seed=True), 'seed must be a whole number from 0'),
    ],
)
def test_bad_numbers(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        sampled(tmp_path / 'p', **change)
    assert not (tmp_path / 'p').exists()


def test_a_block_of_ones_own_is_sampled_with_its_own_cost():

    import torch
    from spaces import networks_of, space_of

    from regnet_plugin.core.complexity import conv_cost, register_cost
    from regnet_plugin.models.module_complexity import count
    from regnet_plugin.registry import MODELS

    @MODELS.register_module()
    class Pointwise(torch.nn.Module):
        """One 1x1 conv."""

        def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
            super().__init__()
            self.conv1, self.bn1 = (
                layers.conv(width_in, stage.width, 1, stride=stride),
                layers.norm(stage.width),
            )

        def forward(self, x):
            return self.bn1(self.conv1(x))

    with pytest.raises(ValueError, match='register_cost'):
        networks_of(space_of('anynetv_a', block='Pointwise'), 1)
    register_cost(
        'Pointwise',
        lambda stage, width_in, image_in, image: conv_cost(1, width_in, stage['width'], image),
        shortcut=False,
    )
    for sample in networks_of(space_of('anynetv_a', block='Pointwise'), 5):
        network = MODELS.build(dict(type='regnet_plugin.AnyNet', **sample.architecture.to_dict()))
        counted = count(network)
        assert sample.complexity.activations == counted.activations
        head = sample.architecture.widths[-1] * 1000 + 1000
        assert sample.complexity.flops == counted.flops + head
