"""Training a population by Ray on this machine: the results, the faults, and what is refused."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest
from killing import kill_all
from small_population import (
    attempt,
    check_no_checkpointed_epoch_was_trained_twice,
    check_same,
    held,
    held_recipe,
    kill,
    leaders,
    python_path,
    results,
    start_training,
    train,
    trainees,
    wait_until,
)

from regnet_plugin.cli.errors import UserError
from regnet_plugin.launchers import ray as ray_launcher

RAY = ('--launcher', 'ray', '--address', 'local')


@pytest.fixture
def ray_training(population, tmp_path, monkeypatch):
    """Start to train it by Ray, by trainings that wait in their second epoch."""
    with tempfile.TemporaryDirectory(prefix='ray') as scratch:  # a short path, for sockets
        monkeypatch.setenv('RAY_TMPDIR', scratch)
        monkeypatch.setenv('PYTHONPATH', python_path())
        yield lambda *flags: start_training(population, *RAY, *flags, recipe=held_recipe(tmp_path))


def finished(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def check_went_on(population):
    for run in population.glob('runs/small/*-0'):
        assert attempt(run, 2)['checkpoint'] == 'epoch_1.pth'
        assert not (run / 'attempt-3.json').exists()
        check_no_checkpointed_epoch_was_trained_twice(run)


def test_killed_workers_and_trainings_go_on_to_the_results_of_one_machine(
    trained, population, ray_training
):
    process = ray_training('--cpus-per-network', '0.5', '--workers', 2)
    wait_until(lambda: len(held(population)) == 2, process)
    first, second = held(population)
    kill(attempt(first)['pid'])
    theirs = {
        pid for pid in leaders(population) if attempt(second)['token'].encode() in environ(pid)
    }
    assert len(theirs) == 1
    kill(theirs.pop())
    output = finished(process)
    assert output.splitlines()[-1] == f'2 of 2 networks trained: {population}/runs/small'
    assert '(raylet)' not in output and all(
        'ended, ' in line for line in output.splitlines()[:-1]
    ), output
    check_same(results(population), results(trained))
    check_went_on(population)
    assert 'ended' not in attempt(first) and attempt(second)['ended'] == 'killed'
    assert {attempt(first, 2)['pid'], attempt(second, 2)['pid']}.isdisjoint({attempt(first)['pid']})


def environ(pid):
    with open(f'/proc/{pid}/environ', 'rb') as file:
        return file.read()


@pytest.mark.acceptance
def test_two_processes_train_a_network_together_whichever_of_them_is_killed(
    population, ray_training
):
    process = ray_training('--processes', 2, '--cpus-per-network', 1, '--workers', 1)
    wait_until(lambda: held(population), process)
    left = set(trainees(population))
    assert len(leaders(population)) == 3  # torchrun and two ranks
    run = held(population)[0]
    kill(attempt(run)['pid'])
    wait_until((run / 'attempt-2.json').exists, process)
    assert left.isdisjoint(trainees(population))
    wait_until(lambda: held(population), process)
    kill(max(leaders(population)))
    finished(process)
    check_went_on(population)
    assert [(result.status, result.attempts) for result in results(population).values()] == 2 * [
        ('done', 2)
    ]


@pytest.mark.acceptance
def test_machines_that_join_get_work_and_that_of_lost_ones_goes_on(
    trained, population, ray_training, monkeypatch
):
    """Two machines, as far as Ray knows; with place for one network each."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv('RAY_worker_niceness', '0')
    # as this cluster's, whose workers have no token to show
    monkeypatch.setenv('RAY_AUTH_MODE', 'disabled')
    cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=1))
    try:
        process = ray_training('--address', cluster.address)
        wait_until(lambda: held(population), process)
        (first,) = held(population)
        machine = cluster.add_node(num_cpus=1)
        wait_until(lambda: len(held(population)) == 2, process)
        cluster.remove_node(machine, allow_graceful=False)
        kill(attempt(first)['pid'])
        finished(process)
    finally:
        cluster.shutdown()
    check_same(results(population), results(trained))
    check_went_on(population)


@pytest.mark.acceptance
def test_a_killed_raylet_costs_the_networks_that_it_ran_at_most_an_epoch(
    trained, population, ray_training, monkeypatch
):
    """Of two, of which each runs a worker. Its network was in the second epoch, and goes on from
    the first; that of the other one is undisturbed until its training is killed.
    """
    from ray.cluster_utils import Cluster

    monkeypatch.setenv('RAY_worker_niceness', '0')
    monkeypatch.setenv('RAY_AUTH_MODE', 'disabled')
    monkeypatch.setenv('TEST_OF', str(population))  # of what raylets start, too
    cluster = Cluster(initialize_head=True, head_node_args=dict(num_cpus=1))
    try:
        machine = cluster.add_node(num_cpus=1)
        (raylet,) = machine.all_processes['raylet']
        process = ray_training('--address', cluster.address)
        wait_until(lambda: len(held(population)) == 2, process)
        of_raylet = {run: parent(attempt(run)['pid']) for run in held(population)}
        (lost,) = [run for run, pid in of_raylet.items() if pid == raylet.process.pid]
        (other,) = [run for run in of_raylet if run != lost]
        (gone,) = [pid for pid in leaders(population) if token(lost) in environ(pid)]
        kill(raylet.process.pid)
        raylet.process.wait()  # its workers take one that nobody waited for to be alive
        wait_until(lambda: gone not in trainees(population), process)
        assert 'ended' not in attempt(other) and held(population) == [*sorted(of_raylet)]
        (left,) = [pid for pid in leaders(population) if token(other) in environ(pid)]
        kill(left)
        finished(process)
    finally:
        cluster.shutdown()
    check_same(results(population), results(trained))
    check_went_on(population)
    assert 'ended' not in attempt(lost) and attempt(other)['ended'] == 'killed'


def token(run):
    return attempt(run)['token'].encode()


def parent(pid):
    with open(f'/proc/{pid}/stat') as file:
        return int(file.read().rpartition(')')[2].split()[1])


TOKEN = 64 * 'a'  # as long as those that Ray makes


@pytest.fixture
def head(tmp_path, monkeypatch):
    """Start a head of Ray, as `ray start` does.

    It gives a function, of whether there is a token, that returns its address.
    """
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.delenv('RAY_AUTH_MODE', raising=False)
    with tempfile.TemporaryDirectory(prefix='head') as scratch:

        def start(token):
            if token:
                (tmp_path / '.ray').mkdir()
                (tmp_path / '.ray/auth_token').write_text(TOKEN)
            port = free_port()
            command = [
                sys.executable,
                '-m',
                'ray.scripts.scripts',
                'start',
                '--head',
                '--node-ip-address',
                '127.0.0.1',
                '--port',
                str(port),
                '--num-cpus',
                '1',
                '--include-dashboard=false',
                f'--temp-dir={scratch}',
            ]
            subprocess.run(
                command,
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=120,
                env=dict(os.environ, RAY_USAGE_STATS_ENABLED='0', RAY_worker_niceness='0'),
            )
            return f'127.0.0.1:{port}'

        yield start
        kill_all(scratch)  # never `ray stop`, which ends everybody's


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


@pytest.mark.acceptance
@pytest.mark.parametrize('token', [True, False])
def test_a_head_that_was_started_by_hand_is_given_by_its_address(population, head, token):
    """With a token, too, which `ray start` wants once a Ray of our own has made one."""
    code, output = train(population, '--launcher', 'ray', '--address', head(token), epochs=2)
    assert code == 0 and output.splitlines()[-1].startswith('2 of 2 networks trained'), output
    assert 'gcs_client' not in output, output


@pytest.mark.acceptance
def test_a_head_that_wants_another_token_is_one_line(population, head, tmp_path):
    address = head(True)
    (tmp_path / '.ray/auth_token').unlink()
    code, output = train(population, '--launcher', 'ray', '--address', address)
    assert code == 2 and 'RAY_AUTH_TOKEN, with RAY_AUTH_MODE=token' in output.splitlines()[-1], (
        output
    )
    assert 'gcs_client' not in output and 'Traceback' not in output, output


@pytest.mark.parametrize(
    'token, mode, expected',
    [(True, None, 'token'), (False, None, None), (True, 'disabled', 'disabled')],
)
def test_a_token_of_this_machine_is_shown_to_a_cluster(
    monkeypatch, tmp_path, token, mode, expected
):
    monkeypatch.setenv('HOME', str(tmp_path))
    for name in (
        *ray_launcher._SETTINGS,
        'RAY_AUTH_MODE',
        'RAY_AUTH_TOKEN',
        'RAY_AUTH_TOKEN_PATH',
        'RAY_ADDRESS',
    ):
        monkeypatch.setenv(name, 'to be restored')
        monkeypatch.delenv(name)
    if mode:
        monkeypatch.setenv('RAY_AUTH_MODE', mode)
    if token:
        (tmp_path / '.ray').mkdir()
        (tmp_path / '.ray/auth_token').write_text(TOKEN)

    def init(**_):
        os.write(2, b'twenty lines of C++')
        raise ConnectionError('Failed to connect to Ray cluster')

    monkeypatch.setitem(sys.modules, 'ray', SimpleNamespace(init=init))
    with pytest.raises(
        UserError, match='^Ray: Failed to connect to Ray cluster; a cluster whose head has a token'
    ):
        ray_launcher._connected(None)
    assert os.environ.get('RAY_AUTH_MODE') == expected


@pytest.mark.acceptance
def test_interrupted_it_lets_go_and_leaves_no_process(population, ray_training):
    process = ray_training()
    wait_until(lambda: held(population), process)
    run = held(population)[0]
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert (
        process.returncode == 130
        and output.splitlines()[-1] == 'interrupted: the same command goes on'
    ), output
    assert attempt(run)['ended'] == 'interrupted' and not list(trainees(population))


@pytest.mark.parametrize(
    'flags, error',
    [
        (
            ('--address', '127.0.0.1:9'),
            'error: there is no Ray cluster at 127.0.0.1:9: Connection refused; ray start --head',
        ),
        pytest.param(
            ('--address', 'local', '--gpus-per-network', 4096),
            'error: a network takes 4096 CPUs and 4096 GPUs, but no machine',
            marks=pytest.mark.acceptance,
        ),
    ],
)
def test_a_cluster_that_is_not_there_or_too_small_is_one_line(population, flags, error):
    code, output = train(population, '--launcher', 'ray', *flags)
    assert code == 2 and output.splitlines()[-1].startswith(error), output
    assert 'Traceback' not in output


def test_without_ray_it_is_said_how_it_is_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, 'ray', None)
    with pytest.raises(UserError, match=r"pip install 'regnet_plugin\[ray\]'"):
        ray_launcher.RayLauncher().start(None)
