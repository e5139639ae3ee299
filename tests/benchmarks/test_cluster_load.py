"""What a cluster asks of the file system that it shares, and that operations are counted."""

import os
import subprocess
import sys
import threading

import pytest
from killing import ROOT
from small_population import sampled

from regnet_plugin.benchmarks.populations import cluster_load as module
from regnet_plugin.benchmarks.populations.cluster_load import (
    PER_BEAT,
    PER_DOUBLING,
    PER_GLANCE,
    PER_GLANCE_AT_MOST,
    PER_TRAINING,
    cluster_load,
    expected_load,
)
from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.files import create, names_in, read_text, replace
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.standing import Watch
from regnet_plugin.population.store import Population

RECIPE = ROOT / 'configs/recipes/dds_10e_digits.py'


@pytest.mark.parametrize(
    'act, counts',
    [
        (lambda path: create(path, 'a'), dict(open=2, link=1, remove=1)),
        (lambda path: replace(path, 'a'), dict(open=2, rename=1)),
        (lambda path: names_in(path.parent), dict(listdir=2)),
        (lambda path: path.exists(), dict(stat=1)),
        (lambda path: path.is_symlink(), dict(stat=1)),
        (lambda path: path.mkdir(), dict(mkdir=1)),
        (lambda path: os.utime(path.parent / 'there'), dict(utime=1)),
        (lambda path: read_text(path.parent / 'there'), dict(stat=1, open=2)),
        (lambda path: os.stat('/'), {}),
    ],
)
def test_operations_on_a_folder_and_below_it_are_counted_once(tmp_path, act, counts):
    folder = tmp_path / 'population/runs'
    folder.mkdir(parents=True)
    (folder / 'there').touch()
    with (
        counted_operations(tmp_path / 'population') as counted,
        counted_operations(tmp_path / 'pop') as others,
    ):
        act(folder / 'file')
    assert counted == counts and not others
    names_in(tmp_path)
    assert counted == counts


def test_what_is_counted_is_what_the_kernel_is_asked_for(tmp_path):
    """By strace, where there is one: calls with a path, readings, writings and listings."""
    code = (
        'import sys; from pathlib import Path; from regnet_plugin.files import *\n'
        'path = Path(sys.argv[1], "file")\n'
        'from regnet_plugin.benchmarks.populations.file_operations import counted_operations\n'
        'with counted_operations(sys.argv[1]) as counts:\n'
        '    create(path, "a"); create(path, "b"); replace(path, "c"); read_text(path)\n'
        '    names_in(path.parent); is_there(path)\n'
        'print(counts.total())'
    )
    log = tmp_path / 'log'
    command = [
        *('strace', '-f', '-y', '-e', 'trace=%file,read,write,getdents64', '-o', log),
        *(sys.executable, '-c', code, tmp_path / 'population'),
    ]
    (tmp_path / 'population').mkdir()
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip('there is no strace')
    calls = [line for line in log.read_text().splitlines() if f'{tmp_path}/population' in line]
    # what is asked of an open file needs no answer of a server
    calls = [line for line in calls if 'execve' not in line and 'AT_EMPTY_PATH' not in line]
    # Python reads, and the kernel lists, once more to see that it was all
    ends = [
        line for line in calls if line.endswith(' = 0') and ('read(' in line or 'dents' in line)
    ]
    assert len(calls) - len(ends) == int(done.stdout), '\n'.join(calls)


@pytest.fixture(scope='module')
def population(tmp_path_factory):
    return Population.open(sampled(tmp_path_factory.mktemp('load') / 'population', 40))


def test_the_numbers_of_the_model_are_counted(population, tmp_path):
    runs = module._planned(population, RECIPE, tmp_path)
    worker = module._PlayingWorker(Work(runs[:1]), threading.Event(), 0.1)
    with counted_operations(tmp_path) as counts:
        worker.work_off()
    assert counts.total() == PER_TRAINING
    for run in runs[1:9]:
        begin_attempt(run.folder, None, 'a')
        run.tell(0.5, 1)
    watch = Watch(runs)
    watch.look()
    with counted_operations(tmp_path) as counts:
        watch.glance()
    assert counts.total() + 3 == PER_GLANCE  # the attempts of other machines are looked at


def test_a_cluster_asks_as_often_as_the_model_says(population):
    """Of 40 networks on two machines; seconds are left out, since a busy machine takes more."""
    load = cluster_load(population, RECIPE, machines=2, gpus=2, seconds=1.0)
    assert 0 < load.launcher < 100
    per_training = load.workers / (2 * 2 / 1.0)
    assert per_training < 1.5 * (PER_TRAINING + 2 * PER_DOUBLING)


def test_64_gpus_ask_less_than_100_times_a_second(population):
    """Of trainings of ten minutes: the launcher 33 times, the workers 6 times in ten seconds each,
    and for what 0.11 trainings that begin and end in a second take.
    """
    load = expected_load(64, 600.0)
    assert load.workers == pytest.approx(64 * (PER_BEAT / 10 - PER_BEAT / 600) + 64 / 600 * 56)
    assert load.launcher == pytest.approx(33 + 64 / 600 * 12)
    assert load.total < 100
    assert expected_load(64, 120.0).total == pytest.approx(100, rel=0.05)
    assert expected_load(64, 10.0).launcher == PER_GLANCE_AT_MOST
