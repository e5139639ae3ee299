"""A job array that was submitted to Slurm: whether it is at work, and how it ends."""

import os
import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.launchers.cluster import LET_GO
from regnet_plugin.launchers.slurm_commands import ask, without_line_breaks
from regnet_plugin.population.runs.run import Run

# Seconds between two questions to Slurm: a tenth of the time since the array was submitted, so that
# whoever watches its beginning hears soon, within these bounds.
_ASK_AFTER_PART = 0.1
_ASK_EVERY_AT_FIRST, _ASK_EVERY = 1.0, 30.0
_LEAVE = 15.0  # seconds that workers have to see that nothing is left
_SETTLE = 5.0  # seconds until another machine's file is seen
_STEP = 0.5  # seconds between two looks at what is waited for


class SlurmArray:
    """An array whose tasks are workers.

    Args:
        jobs: its tasks, each a submitit.Job; one at least.
        sent: file of the work that the tasks read; it goes at the end, by which they know it.
        runs: that they are to train.
    """

    def __init__(self, jobs: Sequence[Any], sent: Path, runs: Sequence[Run]) -> None:
        self.sent = sent
        self._jobs = jobs
        self._left = list(runs)  # up to the last one that had not ended at the last look
        self._is_cancelled = False
        self._submitted = self._last_asked = time.monotonic()

    @property
    def number(self) -> str:
        """Slurm's number of the array."""
        job_id: str = self._jobs[0].job_id
        return job_id.partition('_')[0]

    def is_alive(self) -> bool:
        """Whether a run is left, and a task that runs or waits for its turn.

        Slurm is asked now and then only.
        """
        # those that are begun last end last: one look, however many there are
        while self._left and self._left[-1].ended:
            self._left.pop()
        if not self._left:
            return False
        now = time.monotonic()
        patience = (now - self._submitted) * _ASK_AFTER_PART
        if now - self._last_asked <= min(_ASK_EVERY, max(_ASK_EVERY_AT_FIRST, patience)):
            return True
        self._last_asked = now
        return self.is_queued()

    def is_queued(self) -> bool:
        """Whether Slurm has a task that did not end; true, too, while Slurm does not answer."""
        code, said = ask('squeue', '--noheader', '--format=%T', f'--jobs={self.number}')
        return bool(said) if code == 0 else 'Invalid job id' not in said

    def cancel(self) -> None:
        """Cancel what is left of the array, and wait until it has let go."""
        self.sent.unlink(missing_ok=True)
        if not self._left:  # tasks that run see it themselves
            ask('scancel', '--state=PENDING', self.number)
            self._wait(_LEAVE)
        self._is_cancelled = self.is_queued()
        if self._is_cancelled:
            say(f'note: cancelling Slurm job {self.number}')
            ask('scancel', self.number)
            self._wait(LET_GO)

    def check_end(self) -> None:
        """Find out why the array ended if runs are left, and nobody cancelled it here.

        Raises:
            UserError: what a worker met with, or that a task died.
        """
        left = [run for run in self._left if not run.ended]
        if not left or self._is_cancelled:
            return
        ended = f'Slurm job {self.number} ended with {len(left)} runs left'
        for job in self._jobs:
            fault = _fault_of(job)
            if fault is not None:
                raise UserError(
                    f'{ended}: {fault}; its log is {job.paths.stderr}; the same command goes on'
                )

    def _wait(self, seconds: float) -> None:
        """Wait until no task is left, but not for longer than these seconds."""
        deadline = time.monotonic() + seconds
        while self.is_queued() and time.monotonic() < deadline:
            time.sleep(_STEP)


def _fault_of(job: Any) -> str | None:
    """What is wrong with a task that ended; None if nothing is."""
    path = job.paths.result_pickle
    if not _appears(path):
        return f'task {job.job_id} was cancelled or killed'
    # what SlurmTask returned, or a traceback
    _, message = pickle.loads(path.read_bytes())
    return without_line_breaks(message.strip().splitlines()[-1]) if message else None


def _appears(path: Path) -> bool:
    """Whether a file is there, or is within a moment: another machine may just have written it."""
    deadline = time.monotonic() + _SETTLE
    # listing refreshes NFS
    while path.name not in os.listdir(path.parent) and time.monotonic() < deadline:
        time.sleep(_STEP)
    return path.exists()
