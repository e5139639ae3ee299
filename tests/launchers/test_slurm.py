"""Training a population as a Slurm array, on a real Slurm of one node.

The results, requeued and cancelled tasks.
"""

import os
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from killing import ROOT
from private_slurm import free_ports, slurm
from small_population import (
    attempt,
    check_no_checkpointed_epoch_was_trained_twice,
    check_same,
    held,
    held_recipe,
    learned,
    python_path,
    results,
    start_training,
    train,
    trainees,
    wait_until,
)

from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.cli.errors import UserError
from regnet_plugin.launchers import slurm as slurm_launcher
from regnet_plugin.launchers.slurm_array import SlurmArray
from regnet_plugin.launchers.slurm_commands import minutes_of
from regnet_plugin.population.runs.results import read_result
from regnet_plugin.population.runs.run import RunFolder

LONG = pytest.mark.acceptance


@pytest.fixture(scope='module')
def cluster(tmp_path_factory):
    with slurm(tmp_path_factory.mktemp('slurm')) as environment:
        yield {**environment, 'PYTHONPATH': python_path()}


def start_array(population, cluster, *flags):
    """Submit it, by trainings that wait in their second epoch."""
    process = start_training(
        population, '--launcher', 'slurm', *flags, recipe=held_recipe(population.parent), **cluster
    )
    line = process.stdout.readline()
    assert line.startswith('note: Slurm job '), line + process.communicate()[0]
    return process, line.split()[3].rstrip(',')


def ask(cluster, *command):
    return subprocess.run(
        command, env=cluster, capture_output=True, text=True, check=True
    ).stdout.split()


def test_tasks_requeued_or_out_of_time_go_on_and_the_results_are_those_of_one_machine(
    trained, population, cluster
):
    process, job = start_array(
        population, cluster, '--setup', f'touch {population}/set_up', '--time', '10:00'
    )
    wait_until(lambda: len(held(population)) == 2, process)
    ask(cluster, 'scontrol', 'requeue', f'{job}_0')
    ask(cluster, 'scancel', '--signal=USR2', f'{job}_1')  # as Slurm does before the time is over
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert output.splitlines()[-1] == f'2 of 2 networks trained: {population}/runs/small'
    check_same(results(population), results(trained))
    for run in population.glob('runs/small/*-0'):
        assert (
            attempt(run)['ended'] == 'interrupted'
            and attempt(run, 2)['checkpoint'] == 'epoch_1.pth'
        )
        assert not (run / 'attempt-3.json').exists()
        check_no_checkpointed_epoch_was_trained_twice(run)
    assert (population / 'set_up').exists() and not ask(cluster, 'squeue', '--noheader')
    logs = population / 'runs/small/logs/slurm'
    assert (
        'timed-out'
        in (logs / f'{job}_1_0_log.err').read_text() + (logs / f'{job}_1_0_log.out').read_text()
    )


@pytest.mark.acceptance
def test_a_run_is_trained_alone_by_every_launcher(population, cluster):
    """Two processes of half a step's images: by torchrun, by srun, and by mpirun.

    As mpirun of Open MPI starts them.
    """
    code, output = train(population, '--processes', 2)
    assert code == 0, output
    expected = results(population)
    run = min(population.glob('runs/small/*-0'))
    config, port = run / 'config.py', str(free_ports(1)[0])
    check_alone(run, expected, ([ROOT / 'tools/dist_train.sh', config, '2'], dict(PORT=port)))
    check_alone(
        run,
        expected,
        (
            [ROOT / 'tools/slurm_train.sh', 'main', 'alone', config],
            dict(cluster, GPUS='2', GPUS_PER_NODE='0', CPUS_PER_TASK='1', OMP_NUM_THREADS='1'),
        ),
    )
    check_alone(
        run,
        expected,
        *(
            (
                [sys.executable, ROOT / 'tools/train.py', config, '--launcher', 'mpi'],
                dict(
                    OMPI_COMM_WORLD_LOCAL_RANK=rank,
                    OMPI_COMM_WORLD_RANK=rank,
                    OMPI_COMM_WORLD_SIZE='2',
                    MASTER_ADDR='127.0.0.1',
                    MASTER_PORT=port,
                ),
            )
            for rank in '01'
        ),
    )


def check_alone(run, expected, *commands):
    """Train a run by commands, each with variables of its own, and compare its result."""
    for path in run.iterdir():
        if path.name != 'config.py':
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    processes = [
        subprocess.Popen(
            command,
            cwd=run,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHON': sys.executable, **variables},
        )
        for command, variables in commands
    ]
    outputs = [process.communicate(timeout=200)[0] for process in processes]
    assert [process.returncode for process in processes] == len(processes) * [0], '\n'.join(outputs)
    assert learned(read_result(run)) == learned(expected[run.name])


@pytest.mark.acceptance
def test_interrupted_it_cancels_the_array(population, cluster):
    process, job = start_array(population, cluster)
    wait_until(lambda: held(population), process)
    run = held(population)[0]
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and f'cancelling Slurm job {job}' in output, output
    assert attempt(run)['ended'] == 'interrupted' and not list(trainees(population))
    assert not ask(cluster, 'squeue', '--noheader')


@pytest.mark.acceptance
def test_what_another_cancelled_is_not_submitted_again(population, cluster):
    process, job = start_array(population, cluster, '--array-limit', 1)
    wait_until(lambda: held(population), process)
    assert sorted(ask(cluster, 'squeue', '--noheader', '--array', '--format=%T')) == [
        'PENDING',
        'RUNNING',
    ]
    ask(cluster, 'scancel', job)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert output.splitlines()[-1].startswith(
        f'error: Slurm job {job} ended with 2 runs left: task {job}_0 was cancelled'
    )
    assert attempt(held(population)[0])['ended'] == 'interrupted' and not list(trainees(population))


def test_detached_it_leaves_the_array_to_itself(population, cluster):
    code, output = train(
        population, '--launcher', 'slurm', '--detach', '--workers', 1, epochs=2, **cluster
    )
    job = output.split()[3].rstrip(',')
    assert code == 0 and f'scancel {job} cancels it' in output, output
    assert ask(cluster, 'squeue', '--noheader', '--format=%A') == [job]
    ask(cluster, 'scancel', job)


@pytest.mark.parametrize(
    'flags, error',
    [
        (('--partition', 'big'), 'error: Slurm has no partition big, but main'),
        pytest.param(
            ('--cpus-per-network', '1.5'),
            'error: Slurm gives whole CPUs, but --cpus-per-network is 1.5',
            marks=LONG,
        ),
        pytest.param(
            ('--sbatch', 'constraint=h100'),
            'error: Slurm refuses the job: sbatch: error: Batch job submission',
            marks=LONG,
        ),
    ],
)
def test_what_slurm_cannot_do_is_one_line(population, cluster, flags, error):
    code, output = train(population, '--launcher', 'slurm', *flags, **cluster)
    assert code == 2 and output.splitlines()[-1].startswith(error), output
    assert 'Traceback' not in output


def test_while_an_array_trains_its_launcher_looks_at_one_run_however_many_there_are(tmp_path):
    """The one that is begun last."""
    runs = [RunFolder(tmp_path / f'{number:06d}-0') for number in range(100)]
    for run in runs:
        run.folder.mkdir()
    array = SlurmArray([SimpleNamespace(job_id='7_0')], tmp_path / 'sent', runs)
    for run in runs[50:]:
        run.folder.joinpath('result.json').touch()
    looks = []
    for _ in range(2):
        with counted_operations(tmp_path) as counts:
            assert array.is_alive()
        looks.append(counts.total())
    assert looks == [51, 1]
    for run in runs[:50]:
        run.folder.joinpath('result.json').touch()
    assert not array.is_alive()


def test_without_slurm_or_submitit_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(UserError, match='there is no sinfo here'):
        slurm_launcher.SlurmLauncher().start(None)
    for name, said in (('sinfo', 'main* infinite (null)'), ('sbatch', '')):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(UserError, match='there is no srun here'):
        slurm_launcher.SlurmLauncher().start(None)
    monkeypatch.setitem(sys.modules, 'submitit', None)
    with pytest.raises(UserError, match=r"pip install 'regnet_plugin\[slurm\]'"):
        slurm_launcher.SlurmLauncher().start(None)


@pytest.mark.parametrize(
    'text, minutes',
    [
        ('90', 90),
        ('30:00', 30),
        ('0:10', 1),
        ('12:00:00', 720),
        ('1-00:00:00', 1440),
        ('2-12', 3600),
        ('1-06:30', 1830),
    ],
)
def test_times_are_read_as_slurm_does(text, minutes):
    assert minutes_of(text) == minutes
