"""Workers as tasks of a Slurm job array, submitted by submitit."""

import logging
import os
import pickle
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.launchers.cluster import SentWork, Share
from regnet_plugin.launchers.slurm_array import SlurmArray
from regnet_plugin.launchers.slurm_commands import (
    DAY,
    check_commands,
    find_partition,
    without_line_breaks,
    without_outer_job,
)
from regnet_plugin.launchers.slurm_task import SlurmTask
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.training.populations.launcher import Launcher

_MOST = 1000  # tasks of an array; Slurm's own limit is 1001 unless a cluster raised it
_ALWAYS = 10**6  # time-outs after which submitit would no longer requeue a task


class SlurmLauncher(Launcher):
    """Runs a worker in each task of a job array.

    A task that runs out of time or is preempted lets its run go and is requeued; one that is
    cancelled lets it go.

    Args:
        workers: tasks of the array. Default: None, one per run that is left.
        at_a_time: how many of them run at a time. Default: None, all.
        gpus, cpus: of each network, whole numbers, see `Share.of`. Default: None.
        partition: default: None, Slurm's.
        minutes: that a task may take before it is requeued. Default: None, a day, or the
            partition's limit if that is less.
        setup: lines of shell before the worker. Default: none.
        sbatch: more options of sbatch, True for one without a value. Default: none.
    """

    def __init__(
        self,
        workers: int | None = None,
        at_a_time: int | None = None,
        gpus: float | None = None,
        cpus: float | None = None,
        partition: str | None = None,
        minutes: int | None = None,
        setup: Sequence[str] = (),
        sbatch: Mapping[str, str | bool] = {},
    ) -> None:
        self._workers, self._at_a_time, self._gpus, self._cpus = workers, at_a_time, gpus, cpus
        self._partition, self._minutes = partition, minutes
        self._setup, self._sbatch = list(setup), dict(sbatch)
        self._array: SlurmArray | None = None

    def start(self, work: Work) -> None:
        """Submit the array, and say its number.

        Raises:
            UserError: if there is no Slurm here, or it refuses the job.
        """
        submitit = _submitit()
        self._take_defaults()
        self._check_options()
        partition = find_partition(self._partition)
        check_commands()
        share = Share.of(work.processes, self._gpus, self._cpus, partition.has_gpus)
        _check_whole(share)
        sent = SentWork(work, share)
        left = sent.runs_left
        place = sent.work.runs[0].folder.parent
        _check_place(place)
        folder = _new_folder(place / 'logs' / 'slurm')
        path = folder / f'work-{uuid4().hex[:8]}.pkl'
        path.write_bytes(pickle.dumps(sent))
        number = max(1, min(self._workers or len(left), _MOST))
        executor = submitit.SlurmExecutor(folder, max_num_timeout=_ALWAYS)
        executor.update_parameters(
            job_name=f'regnet_plugin {place.name}',
            time=self._minutes or min(DAY, partition.limit),
            array_parallelism=self._at_a_time or number,
            **self._parameters(share),
        )
        jobs = _submitted(submitit, executor, path, number)
        self._array = SlurmArray(jobs, path, left)
        tasks = f'{number} task{"s" if number > 1 else ""}'
        say(f'note: Slurm job {self.job}, {tasks}, each with {share}; its logs: {folder}')

    def _parameters(self, share: Share) -> dict[str, Any]:
        """What submitit is told of each job, beside its name and its place in the array."""
        return dict(
            partition=self._partition,
            wckey=None,
            setup=self._setup,
            cpus_per_task=int(share.cpus),
            gpus_per_node=int(share.gpus) or None,
            additional_parameters={'requeue': True, **self._sbatch},
        )

    def _take_defaults(self) -> None:
        """Take what a user has set for all jobs, in sbatch's variables.

        What an outer job has set there is not meant for these.
        """
        if 'SLURM_JOB_ID' in os.environ:
            return
        self._partition = self._partition or os.environ.get('SBATCH_PARTITION')
        for name in ('account', 'qos'):
            variable = f'SBATCH_{name.upper()}'
            if variable in os.environ:
                self._sbatch.setdefault(name, os.environ[variable])

    def _check_options(self) -> None:
        """Check that what goes into a job's script is an option there, and no more.

        Raises:
            UserError: if it is not.
        """
        for name, value in (('partition', self._partition or ''), *self._sbatch.items()):
            if not re.fullmatch('[A-Za-z][A-Za-z0-9-]*', name) or not str(value).isprintable():
                raise UserError(
                    'an option of sbatch must be a name of letters, digits and hyphens and a value '
                    f'of one line without control characters, but it is {name!r}: {value!r}'
                )

    @property
    def job(self) -> str:
        """Slurm's number of the array that `start` submitted."""
        assert self._array is not None
        return self._array.number

    def alive(self) -> bool:
        """Whether a run is left, and a task that runs or waits for its turn."""
        return self._array is not None and self._array.is_alive()

    def stop(self) -> None:
        """Cancel what is left of the array, and wait until it has let go.

        If runs are left, it is found out why it ended.

        Raises:
            UserError: what a worker met with, or that tasks died.
        """
        array = self._array
        if array is None:
            return
        array.cancel()
        self._array = None  # not before: what is interrupted here is done again
        array.check_end()


def _submitit() -> Any:
    """Import submitit, quietly.

    Raises:
        UserError: if it is not installed.
    """
    try:
        import submitit
    except ImportError as error:
        raise UserError(
            f"--launcher slurm needs submitit: pip install 'regnet_plugin[slurm]' ({error})"
        ) from None
    logging.getLogger('submitit').setLevel(logging.ERROR)
    return submitit


def _check_whole(share: Share) -> None:
    """Check that Slurm can give a share.

    Raises:
        UserError: if it has a part of a GPU or of a CPU.
    """
    for name, amount in (('gpus', share.gpus), ('cpus', share.cpus)):
        if amount != int(amount):
            raise UserError(
                f'Slurm gives whole {name.upper()[:-1]}s, but --{name}-per-network is {amount:g}'
            )


def _check_place(place: Path) -> None:
    """Check that Slurm takes the folder of a recipe's runs as it is.

    Raises:
        UserError: if it has a %.
    """
    if '%' in str(place):
        raise UserError(
            'with Slurm the path of runs must have no %, which stands for numbers in the names of '
            f'logs, but it is {place}'
        )


def _new_folder(path: Path) -> Path:
    """Make a new folder for what is sent and comes back.

    It is pickled, so nobody may have put anything there before.
    """
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        path = path / uuid4().hex[:8]
        path.mkdir()
    return path


def _submitted(submitit: Any, executor: Any, path: Path, number: int) -> list[Any]:
    """Submit an array.

    Args:
        submitit: the module.
        executor: submitit.SlurmExecutor: with the parameters of the jobs.
        path: of what the tasks are to do.
        number: of the tasks.

    Returns:
        list[submitit.Job]: the tasks.

    Raises:
        UserError: if Slurm refuses it.
    """
    errors = submitit.core.utils.FailedJobError, submitit.core.utils.FailedSubmissionError
    try:
        with without_outer_job():
            jobs: list[Any] = executor.map_array(SlurmTask(path), range(number))
    except errors as error:
        raise UserError(f'Slurm refuses the job: {without_line_breaks(error)}') from None
    return jobs
