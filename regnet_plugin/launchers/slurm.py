"""Workers as tasks of a Slurm job array, submitted by submitit."""

import logging
import math
import os
import pickle
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from uuid import uuid4

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.launchers.cluster import GLANCE, Errand, Share, Station

_MOST = 1000  # tasks of an array; Slurm's own limit is 1001 unless a cluster raised it
_DAY = 24 * 60  # minutes that a task has, if neither the user nor the partition says otherwise
_ALWAYS = 10**6  # time-outs after which submitit would no longer requeue a task
_ASK_EVERY = 30.0  # seconds between two questions to Slurm; more often at the start
_LET_GO = 60.0  # seconds that workers have for it
_LEAVE = 15.0  # seconds that they have to see that nothing is left
_SETTLE = 5.0  # seconds until another machine's file is seen
# seconds after SIGTERM, in which Slurm kills a task for good, or to requeue it if it was preempted
_GRACE = 600.0
# Variables of an outer job, and options of Slurm's commands: sbatch prefers them to what a job's
# script says.
_TOLD = ('SLURM_', 'SLURMD_', 'SBATCH_', 'SRUN_', 'SALLOC_', 'SQUEUE_', 'SINFO_', 'SCANCEL_')
_WHERE = ('SLURM_CONF', 'SLURM_JWT', 'SLURM_CLUSTERS')  # where Slurm is


class SlurmLauncher:
    """Runs a worker in each task of a job array.

    A task that runs out of time or is preempted lets its run go and is requeued; one that is
    cancelled lets it go.

    Args:
        workers (int, optional): tasks of the array. Default: None, one per run that is left.
        at_a_time (int, optional): how many of them run at a time. Default: None, all.
        gpus, cpus (int, optional): of each network, see `Share.of`. Default: None.
        partition (str, optional): default: None, Slurm's.
        minutes (int, optional): that a task may take before it is requeued. Default: None, a day,
            or the partition's limit if that is less.
        setup (Sequence[str]): lines of shell before the worker. Default: none.
        sbatch (dict[str, str]): more options of sbatch. Default: none.
    """

    def __init__(
        self,
        workers=None,
        at_a_time=None,
        gpus=None,
        cpus=None,
        partition=None,
        minutes=None,
        setup=(),
        sbatch={},
    ):
        self._workers, self._at_a_time, self._gpus, self._cpus = workers, at_a_time, gpus, cpus
        self._partition, self._minutes, self._setup, self._sbatch = (
            partition,
            minutes,
            list(setup),
            dict(sbatch),
        )
        self._jobs, self._errand = [], None

    def start(self, work):
        """Submit the array, and say its number.

        Raises:
            UserError: if there is no Slurm here, or it refuses the job.
        """
        submitit = _submitit()
        self._take_defaults()
        self._check_options()
        has_gpus, limit = _partition(self._partition)
        _check_commands()
        share = Share.of(work.processes, self._gpus, self._cpus, has_gpus)
        for name, amount in (('gpus', share.gpus), ('cpus', share.cpus)):
            if amount != int(amount):
                raise UserError(
                    f'Slurm gives whole {name.upper()[:-1]}s, but --{name}-per-network is '
                    f'{amount:g}'
                )
        self._errand = Errand(work, share)
        self._left = self._errand.runs_left
        place = self._errand.work.runs[0].folder.parent
        if '%' in str(place):
            raise UserError(
                'with Slurm the path of runs must have no %, which stands for numbers in the names '
                'of logs, '
                f'but it is {place}'
            )
        folder = _new_folder(place / 'logs' / 'slurm')
        self._sent = folder / f'work-{uuid4().hex[:8]}.pkl'
        self._sent.write_bytes(pickle.dumps(self._errand))
        number = max(1, min(self._workers or len(self._left), _MOST))
        options = {'requeue': True, **self._sbatch}
        executor = submitit.SlurmExecutor(folder, max_num_timeout=_ALWAYS)
        executor.update_parameters(
            job_name=f'regnet_plugin {place.name}',
            partition=self._partition,
            wckey=None,
            setup=self._setup,
            time=self._minutes or min(_DAY, limit),
            array_parallelism=self._at_a_time or number,
            cpus_per_task=int(share.cpus),
            gpus_per_node=int(share.gpus) or None,
            additional_parameters=options,
        )
        try:
            with _without_outer_job():
                self._jobs = executor.map_array(_Task(self._sent), range(number))
        except (
            submitit.core.utils.FailedJobError,
            submitit.core.utils.FailedSubmissionError,
        ) as error:
            raise UserError(f'Slurm refuses the job: {_in_one_line(error)}') from None
        self._submitted = self._asked = time.monotonic()
        tasks = f'{number} task{"s" if number > 1 else ""}'
        say(f'note: Slurm job {self.job}, {tasks}, each with {share}; its logs: {folder}')

    def _take_defaults(self):
        """What a user has set for all jobs, under sbatch's names; what an outer job has is not
        meant for these.
        """
        if 'SLURM_JOB_ID' in os.environ:
            return
        self._partition = self._partition or os.environ.get('SBATCH_PARTITION')
        for name in ('account', 'qos'):
            if f'SBATCH_{name.upper()}' in os.environ:
                self._sbatch.setdefault(name, os.environ[f'SBATCH_{name.upper()}'])

    def _check_options(self):
        """What goes into a job's script must be an option there, and no more."""
        for name, value in (('partition', self._partition or ''), *self._sbatch.items()):
            if not re.fullmatch('[A-Za-z][A-Za-z0-9-]*', name) or not str(value).isprintable():
                raise UserError(
                    'an option of sbatch must be a name of letters, digits and hyphens and a value '
                    'of one line '
                    f'without control characters, but it is {name!r}: {value!r}'
                )

    @property
    def job(self):
        """Number of the array."""
        return self._jobs[0].job_id.partition('_')[0]

    def alive(self):
        """Whether a run is left, and a task that runs or waits for its turn."""
        self._left = [run for run in self._left if not run.ended]
        now = time.monotonic()
        if self._left and now - self._asked > min(
            _ASK_EVERY, max(1.0, (now - self._submitted) / 10)
        ):
            self._asked = now
            return self._is_queued()
        return bool(self._left)

    def stop(self):
        """Cancel what is left of the array, wait until it has let go, and find out why it ended if
        runs are left.

        Raises:
            UserError: what a worker met with, or that tasks died.
        """
        if not self._jobs:
            return
        self._sent.unlink(missing_ok=True)
        if not self._left:  # tasks that run see it themselves
            _ask('scancel', '--state=PENDING', self.job)
            self._wait(_LEAVE)
        cancelled = self._is_queued()
        if cancelled:
            say(f'note: cancelling Slurm job {self.job}')
            _ask('scancel', self.job)
            self._wait(_LET_GO)
        job, jobs, self._jobs = self.job, self._jobs, []
        if self._left and not cancelled:
            _check(job, jobs, len(self._left))

    def _is_queued(self):
        """Whether Slurm has a task that did not end; so it is too while Slurm does not answer."""
        code, said = _ask('squeue', '--noheader', '--format=%T', f'--jobs={self.job}')
        return bool(said) if code == 0 else 'Invalid job id' not in said

    def _wait(self, seconds):
        deadline = time.monotonic() + seconds
        while self._is_queued() and time.monotonic() < deadline:
            time.sleep(0.5)


class _Task:
    """What a task of the array runs; submitit stores it.

    Args:
        path (Path): of the errand: one file for all tasks, since it names all networks. The
            launcher removes it when it is done, or cancels.
    """

    def __init__(self, path):
        self._path, self._station, self._message = path, None, None

    def __call__(self, number):
        self._station = Station(pickle.loads(self._path.read_bytes()))
        signal.signal(signal.SIGTERM, self._terminated)
        try:
            return self._station.work_off() or self._message
        finally:
            self._let_go()

    def checkpoint(self, number):
        """What submitit does on SIGUSR2, before it requeues the task: out of time, or preempted."""
        from submitit.core.utils import DelayedSubmission

        self._let_go()
        return DelayedSubmission(_Task(self._path), number)

    def _terminated(self, *_):
        """Cancelled, or preempted: a task that ended by itself would not be requeued, so it waits
        for what comes.
        """
        self._let_go()
        deadline = time.monotonic() + _GRACE
        while self._path.exists() and time.monotonic() < deadline:
            time.sleep(GLANCE)
        self._message = 'a task was cancelled'

    def _let_go(self):
        if self._station:
            self._station.let_go()


def _new_folder(path):
    """Make a folder for what is sent and comes back, which is pickled: a new one, in which nobody
    can have put anything.
    """
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        path = path / uuid4().hex[:8]
        path.mkdir()
    return path


def _own_variables():
    """The variables of this process without those by which Slurm's commands are told otherwise, as
    within another job.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_TOLD) or name in _WHERE
    }


@contextmanager
def _without_outer_job():
    """Within it, what is submitted gets nothing of a job that this process may be part of."""
    before = dict(os.environ)
    for name in before.keys() - _own_variables().keys():
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)


def _submitit():
    try:
        import submitit
    except ImportError as error:
        raise UserError(
            f"--launcher slurm needs submitit: pip install 'regnet_plugin[slurm]' ({error})"
        ) from None
    logging.getLogger('submitit').setLevel(logging.ERROR)
    return submitit


def _check_commands():
    """Check that there is what submitit and its jobs run; it would say so with a traceback, or not
    at all.
    """
    for command in ('sbatch', 'srun'):
        if shutil.which(command) is None:
            raise UserError(
                f'there is no {command} here: --launcher slurm is for machines that submit to Slurm'
            )


def _ask(*command):
    """Run a command of Slurm; return its exit code and what it said."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**_own_variables(), 'LC_ALL': 'C'},
        )
    except FileNotFoundError:
        raise UserError(
            f'there is no {command[0]} here: --launcher slurm is for machines that submit to Slurm'
        ) from None
    return done.returncode, done.stdout.strip()


def _partition(name):
    """Return whether a partition, or Slurm's default one, has GPUs, and its limit in minutes.

    Raises:
        UserError: if Slurm does not answer, or has no such partition.
    """
    code, said = _ask('sinfo', '--noheader', '--format=%P %l %G')
    if code:
        raise UserError(f'Slurm does not answer: {_in_one_line(said)}')
    partitions = [line.split(maxsplit=2) for line in said.splitlines()]
    names = {row[0].rstrip('*') for row in partitions}
    if name and not set(name.split(',')) <= names:
        raise UserError(f'Slurm has no partition {name}, but {", ".join(sorted(names))}')
    mine = [
        row
        for row in partitions
        if (row[0].rstrip('*') in name.split(',') if name else row[0].endswith('*'))
    ]
    limits = [minutes_of(row[1]) for row in mine if re.fullmatch(r'[\d:-]+', row[1])]
    return any('gpu' in row[2] for row in mine), min(limits, default=math.inf)


def minutes_of(text):
    """Read a time as Slurm writes it: minutes, minutes:seconds, [days-]hours:minutes:seconds,
    days-hours[:minutes].

    Raises:
        ValueError: if it is none of these.
    """
    match = re.fullmatch(r'(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?', text)
    if not match:
        raise ValueError(
            f'a time is written as minutes, hours:minutes:seconds or days-hours, but it is {text!r}'
        )
    days, *parts = match.groups()
    first, second, third = (int(part or 0) for part in parts)
    if days is None and match[4] is None:
        return first + math.ceil(second / 60)
    return int(days or 0) * _DAY + first * 60 + second + math.ceil(third / 60)


def _check(job, jobs, left):
    """Raise an error if a task of an array that ended did not end well."""
    ended = f'Slurm job {job} ended with {left} runs left'
    for task in jobs:
        path = task.paths.result_pickle
        deadline = time.monotonic() + _SETTLE
        # listing refreshes NFS
        while path.name not in os.listdir(path.parent) and time.monotonic() < deadline:
            time.sleep(0.5)
        if not path.exists():
            raise UserError(
                f'{ended}: task {task.job_id} was cancelled or killed; its log is '
                f'{task.paths.stderr}; '
                'the same command goes on'
            )
        _, message = pickle.loads(path.read_bytes())  # what _Task returned, or a traceback
        if message:
            raise UserError(
                f'{ended}: {_in_one_line(message.strip().splitlines()[-1])}; its log is '
                f'{task.paths.stderr}; '
                'the same command goes on'
            )


def _in_one_line(text):
    return ' '.join(str(text).split())
