"""What is handed to Slurm: the script, the variables and the folder.

They are taken down by commands that stand for its own.
"""

import os
import pickle
from types import SimpleNamespace

import pytest
from broken_weights import Harm

from regnet_plugin.cli.errors import UserError
from regnet_plugin.launchers import slurm_array
from regnet_plugin.launchers.slurm import SlurmLauncher
from regnet_plugin.population.runs.planning import Work, plan_runs
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.store import SampledNetwork

COMMANDS = dict(
    sinfo='echo "main* infinite (null)"',
    srun='true',
    squeue='env > "$NOTES/squeue"; echo RUNNING',
    sbatch='env > "$NOTES/sbatch"; cat "$1" > "$NOTES/script"; echo "Submitted batch job 1234"',
)


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """The population's folder, and what the commands noted."""
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'notes').mkdir()
    for name, line in COMMANDS.items():
        (tmp_path / 'bin' / name).write_text(f'#!/bin/sh\n{line}\n')
        (tmp_path / 'bin' / name).chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path / "bin"}:{os.environ["PATH"]}')
    monkeypatch.setenv('NOTES', str(tmp_path / 'notes'))
    for name in [name for name in os.environ if name.startswith(('SLURM_', 'SBATCH_'))]:
        monkeypatch.delenv(name)
    return SimpleNamespace(
        folder=tmp_path / 'population/runs/short',
        noted=lambda name: (tmp_path / 'notes' / name).read_text(),
    )


def submit(slurm, folder=None, **options):
    launcher = SlurmLauncher(**options)
    (folder or slurm.folder).mkdir(parents=True, exist_ok=True)
    launcher.start(
        Work(
            plan_runs(
                folder or slurm.folder,
                [SampledNetwork('000000', 0, regnet_sample('regnetx_200mf'))],
                (0,),
                order=0,
            )
        )
    )
    return launcher


def test_nothing_of_an_outer_job_or_of_sbatchs_variables_reaches_the_job(slurm, monkeypatch):
    for name, value in dict(
        SLURM_CONF='/etc/slurm.conf',
        SLURM_JOB_ID='7',
        SLURM_CPUS_PER_TASK='64',
        SLURM_MEM_PER_CPU='1',
        SBATCH_TIMELIMIT='1',
        SBATCH_PARTITION='outer',
        SQUEUE_STATES='FAILED',
    ).items():
        monkeypatch.setenv(name, value)
    submit(slurm)._array.is_queued()
    for command in ('sbatch', 'squeue'):
        told = [
            line
            for line in slurm.noted(command).splitlines()
            if line.startswith(('SLURM', 'SBATCH', 'SQUEUE'))
        ]
        assert told == ['SLURM_CONF=/etc/slurm.conf']
    assert '--partition=' not in slurm.noted('script') and os.environ['SLURM_CPUS_PER_TASK'] == '64'


def test_what_a_user_has_set_for_all_jobs_holds_unless_it_is_asked_for_otherwise(
    slurm, monkeypatch
):
    for name, value in dict(
        SBATCH_ACCOUNT='ours', SBATCH_QOS='low', SBATCH_PARTITION='main'
    ).items():
        monkeypatch.setenv(name, value)
    submit(slurm, sbatch=dict(qos='high'))
    script = slurm.noted('script')
    assert '--account=ours' in script and '--qos=high' in script and '--partition=main' in script
    assert 'SBATCH_' not in slurm.noted('sbatch')


@pytest.mark.parametrize(
    'options',
    [
        dict(sbatch={'mem': '32G\ntouch harm'}),
        dict(sbatch={'mem\n': '1'}),
        dict(sbatch={'comment': 'a\x1bb'}),
        dict(sbatch={'mem 1': '2'}),
        dict(partition='main\ntouch harm'),
    ],
)
def test_an_option_is_one_line(slurm, options):
    with pytest.raises(
        UserError, match='an option of sbatch must be a name of letters, digits and hyphens'
    ):
        submit(slurm, **options)


def test_a_path_that_slurm_would_read_as_a_pattern_is_refused(slurm, tmp_path):
    with pytest.raises(
        UserError,
        match='must have no %, which stands for numbers in the names of logs, but it is .*100%j',
    ):
        submit(slurm, folder=tmp_path / '100%j/runs/short')


def test_nothing_that_was_there_before_is_unpickled(slurm, tmp_path, monkeypatch):
    """As in a population of somebody else: a result for each number that a job may get."""
    monkeypatch.setattr(slurm_array, '_SETTLE', 0.1)
    before = slurm.folder / 'logs/slurm'
    before.mkdir(parents=True)
    for name in ('1234_0_result.pkl', '1234_0_submitted.pkl', '1234_result.pkl'):
        (before / name).write_bytes(pickle.dumps(('success', Harm(tmp_path / 'trace'))))
    launcher = submit(slurm)
    assert launcher._array.sent.parent != before
    with pytest.raises(UserError, match='was cancelled or killed'):
        launcher._array.is_queued = lambda: False
        launcher.stop()
    assert not (tmp_path / 'trace').exists()
