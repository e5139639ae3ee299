"""Workers on this machine: each has a training process, with a GPU or a thread of its own."""

import threading
from collections.abc import Mapping, Sequence

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.run import Run
from regnet_plugin.training.populations.launcher import Launcher
from regnet_plugin.training.workers.gpus import networks_at_a_time, visible_gpus
from regnet_plugin.training.workers.place import Place
from regnet_plugin.training.workers.training_processes import confining_variables
from regnet_plugin.training.workers.worker import Worker

_SHARED_GPUS = (
    'note: several networks share a GPU, whose kernels take turns; with NVIDIA MPS '
    '(nvidia-cuda-mps-control -d) they run side by side'
)


class LocalLauncher(Launcher):
    """Runs workers in threads of this process; each has a training process of its own.

    Args:
        workers: networks trained at a time. Default: None, see `networks_at_a_time`.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.gpus = visible_gpus()
        self.workers = workers
        self.errors: list[Exception] = []  # what workers met with
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, work: Work) -> None:
        """Begin to train; returns at once.

        Raises:
            UserError: if there are fewer GPUs than one network takes.
        """
        if 0 < len(self.gpus) < work.processes:
            raise UserError(
                f'a network needs {work.processes} GPUs, but there are {len(self.gpus)}'
            )
        variables = self._variables(work.processes)
        left = [run for run in work.runs if not run.ended]
        at_a_time = self.workers or networks_at_a_time(len(self.gpus), work.processes)
        number = max(1, min(at_a_time, len(left)))
        self._threads = self._new_threads(number, work, variables)
        if left:
            say(_start_note(number, left))
        if self.gpus and number > len(variables):
            say(_SHARED_GPUS)
        for thread in self._threads:
            thread.start()

    def _new_threads(
        self, number: int, work: Work, variables: Sequence[Mapping[str, str]]
    ) -> list[threading.Thread]:
        """Threads that are to be workers, as many at each place as at another, give or take one.

        Args:
            number: of the workers.
            work: theirs.
            variables: of each place, see `_variables`.
        """
        places = [Place() for _ in variables]
        threads = []
        for worker in range(number):
            here = worker % len(places)
            places[here].workers += 1
            threads.append(
                threading.Thread(target=self._work, args=(work, variables[here], places[here]))
            )
        return threads

    def _variables(self, processes: int) -> list[dict[str, str]]:
        """Variables that confine a network's processes to a place, for each place.

        A place is the GPUs that a network takes, and where there are none the machine.
        """
        if not self.gpus:
            return [confining_variables()]
        groups = [
            ','.join(self.gpus[first : first + processes])
            for first in range(0, len(self.gpus) - processes + 1, processes)
        ]
        return [confining_variables(gpu=group) for group in groups]

    def _work(self, work: Work, environment: Mapping[str, str], place: Place) -> None:
        """Be a worker; what one meets with stops all."""
        try:
            Worker(work, environment, self._stop, place).work_off()
        except Exception as error:  # for the main thread to raise
            self.errors.append(error)
            self._stop.set()

    def alive(self) -> bool:
        """Whether any worker is at work."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Let go what is being trained, and wait until that is so.

        Raises:
            UserError: what a worker met with.
        """
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


def _start_note(workers: int, left: list[Run]) -> str:
    """What a person is told: how many workers are started for how many runs."""
    note = f'note: starting {counted(workers, "worker")} for {counted(len(left), "run")}'
    begun = sum(run.checkpoint is not None for run in left)
    if begun:
        note += f'; {counted(begun, "run")} to go on from a checkpoint'
    return note
