"""What a task of a Slurm array does: it is a worker until its time is over, or it is cancelled."""

import pickle
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any

from regnet_plugin.launchers.cluster import NAP, RemoteWorker, SentWork

# seconds after SIGTERM, in which Slurm kills a task for good, or to requeue it if it was preempted
_GRACE = 600.0


class SlurmTask:
    """What a task of the array runs; submitit stores it.

    Args:
        path: of the work, a pickled `SentWork`: one file for all tasks, since it names all
            networks. The launcher removes it when it is done, or cancels.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._worker: RemoteWorker | None = None
        self._message: str | None = None

    def __call__(self, number: int) -> str | None:
        """Be a worker.

        Args:
            number: of the task in the array, which makes no difference.

        Returns:
            what keeps it from going on, or that it was cancelled; None if nothing is left to do.
        """
        sent: SentWork = pickle.loads(self._path.read_bytes())
        self._worker = RemoteWorker(sent)
        signal.signal(signal.SIGTERM, self._terminated)
        try:
            return self._worker.work_off() or self._message
        finally:
            self._let_go()

    def checkpoint(self, number: int) -> Any:
        """What submitit does on SIGUSR2, before it requeues the task: out of time, or preempted.

        Returns:
            submitit.core.utils.DelayedSubmission: of what the requeued task does.
        """
        from submitit.core.utils import DelayedSubmission

        self._let_go()
        return DelayedSubmission(SlurmTask(self._path), number)

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        """Let go, on SIGTERM, and wait for what comes: the task is cancelled, or preempted.

        One that ended by itself would not be requeued.
        """
        self._let_go()
        deadline = time.monotonic() + _GRACE
        while self._path.exists() and time.monotonic() < deadline:
            time.sleep(NAP)
        self._message = 'a task was cancelled'

    def _let_go(self) -> None:
        if self._worker is not None:
            self._worker.let_go()
