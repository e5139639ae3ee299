"""The processes that train for a worker: one that trains run after run, or a torchrun per run."""

import json
import os
import select
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO, Any

from regnet_plugin.files import read_object
from regnet_plugin.population.runs.attempts import TOKEN, kill_leftovers
from regnet_plugin.population.runs.layout import FAILURE
from regnet_plugin.training.workers import start
from regnet_plugin.training.workers.trainee_reply import DONE, TraineeReply

_TRAINEE = 'regnet_plugin.training.workers.trainee'  # not imported here: it imports torch
THREADS = 1  # of a training process on a CPU, unless a cluster gives it more
# glibc's malloc gives each block of some megabytes back to the system, and gets it page by page for
# the next tensor: a third of the page faults are left with these, and a training step on a CPU
# takes 0.9 to 1 of its time, with the same results. 32 MB is the most that every glibc takes; other
# allocators do not know the variables. What a user has set stays.
_KEPT_MEMORY = {
    'MALLOC_MMAP_THRESHOLD_': str(32 * 2**20),
    'MALLOC_TRIM_THRESHOLD_': str(2**30),
}
_START_LOOK_EVERY = 0.5  # seconds between two looks at whether a start is still wanted


class Died(Exception):
    """A training process is gone, and did not say why."""


class TrainingProcess(ABC):
    """What trains runs for a worker, one at a time.

    It is used by `prepare`, then `train`, then `outcome`, again and again; and by `kill` at the
    end, and whenever a training is to be given up.

    Args:
        environment: variables that confine it to its GPU or its threads, see `confining_variables`.
        log: file that takes what goes wrong.
        token: mark of the worker, by which the process and its children are found.
    """

    def __init__(self, environment: Mapping[str, str], log: Path, token: str) -> None:
        self.log = log
        self._environment = {**_KEPT_MEMORY, **os.environ, **environment, TOKEN: token}
        self._token = token
        self._child: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self, stop: Event) -> None:
        """Get ready to train; return at once if ``stop`` is set meanwhile.

        Raises:
            Died: if that fails.
        """

    @abstractmethod
    def train(self, folder: Path) -> None:
        """Begin to train the run of a folder; `outcome` tells what came of it."""

    @abstractmethod
    def outcome(self, folder: Path, seconds: float) -> TraineeReply | None:
        """Wait for the end of the training that `train` began.

        Args:
            folder: of the run.
            seconds: to wait at most.

        Returns:
            how it ended; None if it still goes on.

        Raises:
            Died: if the process is gone without a word.
        """

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        kill_leftovers(self._token)

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        """The process, which `prepare` or `train` has started."""
        assert self._child is not None
        return self._child

    def _start(self, module: str, *arguments: str | int, stdout: int) -> None:
        """Start a module with arguments, in a group of its own that `kill` can end."""
        with self.log.open('ab') as log:
            self._child = subprocess.Popen(
                start.command(module, *arguments),
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def _death(self) -> Died:
        """The error that says how the process ended."""
        code = self._started.wait()
        if code < 0:
            return Died(f'its process was killed by signal {-code}')
        return Died(f'its process ended with {code}')


class ReusedTrainee(TrainingProcess):
    """One process that trains run after run, so that its imports are paid once.

    It is started when it is first needed, and again when it died.
    """

    def prepare(self, stop: Event) -> None:
        """Wait until the process is there and its imports are done, or ``stop`` is set.

        Raises:
            Died: if it cannot start.
        """
        if self._child is not None and self._child.poll() is None:
            return
        self._start(_TRAINEE, stdout=subprocess.PIPE)
        ready = False
        while not ready and not stop.is_set():
            ready = self._reply(_START_LOOK_EVERY) is not None

    def train(self, folder: Path) -> None:
        """Tell the process to train the run of a folder."""
        orders = _pipe(self._started.stdin)
        with suppress(BrokenPipeError):  # the process died, which `outcome` will tell
            orders.write(f'{json.dumps(str(folder.absolute()))}\n'.encode())
            orders.flush()

    def outcome(self, folder: Path, seconds: float) -> TraineeReply | None:
        """Wait for what the process says of the run."""
        reply = self._reply(seconds)
        return None if reply is None else _as_reply(reply)

    def _reply(self, seconds: float) -> dict[str, Any] | None:
        """The next line of the process; None if there is none after these seconds.

        Raises:
            Died: if there will be none.
        """
        replies = _pipe(self._started.stdout)
        readable, _, _ = select.select([replies], [], [], seconds)
        if not readable:
            # Processes of its loader, which have its pipes, may still be there when it is gone.
            if self._started.poll() is not None:
                raise self._death()
            return None
        line = replies.readline()
        if not line.endswith(b'\n'):
            raise self._death()
        reply: dict[str, Any] = json.loads(line)
        return reply


class Torchrun(TrainingProcess):
    """Several processes that train a run together; they are started for each run.

    Args:
        environment, log, token: as of `TrainingProcess`.
        ranks: how many processes.
    """

    def __init__(
        self, environment: Mapping[str, str], log: Path, token: str, *, ranks: int
    ) -> None:
        super().__init__(environment, log, token)
        self._ranks = ranks

    def prepare(self, stop: Event) -> None:
        """Do nothing: there is no process before there is a run."""

    def train(self, folder: Path) -> None:
        """Start the processes for the run of a folder."""
        (folder / FAILURE).unlink(missing_ok=True)
        _, *rank = start.command(_TRAINEE, '--folder', folder.absolute())  # torchrun adds Python
        self._start(
            'torch.distributed.run',
            '--standalone',
            '--nproc-per-node',
            self._ranks,
            *rank,
            stdout=subprocess.DEVNULL,
        )

    def outcome(self, folder: Path, seconds: float) -> TraineeReply | None:
        """Wait for the end of the processes; a rank has written what went wrong, if it could."""
        try:
            code = self._started.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        if code == 0:
            return TraineeReply(outcome=DONE, message='')
        try:
            return _as_reply(read_object(folder / FAILURE))
        except (FileNotFoundError, ValueError):  # no rank said why
            raise self._death() from None


def _as_reply(values: Mapping[str, Any]) -> TraineeReply:
    """What a training process wrote in JSON."""
    return TraineeReply(outcome=values['outcome'], message=values['message'])


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """An end of a pipe to a process that was started with one."""
    assert pipe is not None
    return pipe


def confining_variables(gpu: str | None = None, threads: int = THREADS) -> dict[str, str]:
    """Return variables that confine a training process to one GPU, or to a number of threads.

    Args:
        gpu: index or identifier, or several with commas between them. Default: None, no GPU is
            chosen.
        threads: of PyTorch's operations on a CPU. Default: 1.
    """
    variables = {'OMP_NUM_THREADS': str(threads), 'MKL_NUM_THREADS': str(threads)}
    if gpu is not None:
        variables['CUDA_VISIBLE_DEVICES'] = gpu
    return variables
