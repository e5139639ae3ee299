"""What a cluster that trains a population asks of the file system that its machines share.

Workers, launcher and files are the real ones; machines are processes of this one, and the trainings
are played: each takes its seconds, tells how far it is and writes its result. What trainings
themselves read and write, such as images, logs and checkpoints, is not in it.
"""

import math
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from multiprocessing.queues import Queue
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from unittest.mock import patch

from mmengine.config import Config

from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.population.runs import attempts
from regnet_plugin.population.runs.planning import Work, plan_runs, recipe_folder
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.run import Run, RunFolder
from regnet_plugin.population.runs.standing import Standing
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.launcher import Launcher
from regnet_plugin.training.populations.supervision import train_population
from regnet_plugin.training.workers.trainee_reply import DONE, TraineeReply
from regnet_plugin.training.workers.training_processes import TrainingProcess
from regnet_plugin.training.workers.worker import Worker

_EVERY = 1.0  # seconds between two readings of a counter
_PATIENCE = 60.0  # seconds that a machine has to stop


# Operations of a worker: in each beat the touch of its attempt, two looks, and the three of what
# its training tells; of each training in all, from the claim to its end; of the search for the next
# one, per doubling of the workers. `tests/benchmarks/test_cluster_load.py` counts them.
PER_BEAT, PER_TRAINING, PER_DOUBLING = 6, 44, 2
# Operations of the launcher: in each glance, once a second; when it sees a run begin and end; and
# at most, since a glance is at few runs, which of many that end at a time it sees one after the
# other.
PER_GLANCE, PER_RUN_SEEN, PER_GLANCE_AT_MOST = 33, 12, 65


@dataclass(frozen=True)
class ClusterLoad:
    """Operations per second on the file system that a cluster shares.

    Attributes:
        launcher: of the process that watches.
        workers: of all machines together.
    """

    launcher: float
    workers: float

    @property
    def total(self) -> float:
        """Of all."""
        return self.launcher + self.workers


def expected_load(gpus: int, seconds: float) -> ClusterLoad:
    """Say what a cluster asks of its file system between its start and its last trainings.

    How many networks there are makes no difference.

    Args:
        gpus: each trains a network.
        seconds: that a training takes.
    """
    begun = gpus / seconds  # trainings, per second
    beats = gpus * max(0.0, 1 / attempts.BEAT - 1 / seconds)  # the first word is the claim's
    search = PER_DOUBLING * math.log2(gpus)
    return ClusterLoad(
        launcher=min(PER_GLANCE + begun * PER_RUN_SEEN, PER_GLANCE_AT_MOST),
        workers=beats * PER_BEAT + begun * (PER_TRAINING + search),
    )


class _PlayedTraining(TrainingProcess):
    """A training that takes its time and leaves what a training leaves for others to see.

    Args:
        seconds: that it takes.
        tell_every: seconds between two words about how far it is.
    """

    def __init__(self, seconds: float, tell_every: float) -> None:
        self._seconds, self._tell_every = seconds, tell_every
        self._begun = self._told = 0.0

    def prepare(self, stop: Event) -> None:
        """Do nothing: there is no process."""

    def train(self, folder: Path) -> None:
        """Begin, as `ResultHook` does."""
        self._begun = time.monotonic()
        self._tell(folder)

    def outcome(self, folder: Path, seconds: float) -> TraineeReply | None:
        """Go on for so many seconds; write the result at the end."""
        left = self._begun + self._seconds - time.monotonic()
        time.sleep(max(0.0, min(left, seconds)))
        if left > seconds:
            if time.monotonic() - self._told >= self._tell_every:
                self._tell(folder)
            return None
        network, _, seed = folder.name.rpartition('-')
        Result(
            network=network,
            seed=int(seed),
            recipe=folder.parent.name,
            status='done',
            attempts=len(attempts.attempts_of(folder)),
        ).write(folder)
        return TraineeReply(outcome=DONE, message='')

    def kill(self) -> None:
        """Do nothing: there is no process."""

    def _tell(self, folder: Path) -> None:
        self._told = time.monotonic()
        RunFolder(folder).tell((self._told - self._begun) / self._seconds, 0)


class _PlayingWorker(Worker):
    """A worker whose trainings are played.

    Args:
        work, stop: as of `Worker`.
        seconds: that each training takes.
    """

    def __init__(self, work: Work, stop: Event, seconds: float) -> None:
        self._seconds = seconds
        super().__init__(work, {}, stop)

    def _training_process(self, environment: Mapping[str, str]) -> TrainingProcess:
        return _PlayedTraining(self._seconds, float(environment[attempts.TELL_EVERY]))


def _be_machine(
    name: str, work: Work, gpus: int, seconds: float, stop: Event, told: 'Queue[list[int]]'
) -> None:
    """Be a machine with so many workers until nothing is left, or it is to stop.

    Args:
        name: that tells it from the others.
        work: of the workers.
        gpus: as many workers as it has.
        seconds: that each training takes.
        stop: when to.
        told: takes its operations of each second in the end.
    """
    with (
        patch.object(attempts, 'machine', return_value=name),
        counted_operations(work.runs[0].folder.parent) as counts,
    ):
        workers = [Thread(target=_PlayingWorker(work, stop, seconds).work_off) for _ in range(gpus)]
        readings = _Readings(counts)
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            time.sleep(_EVERY)
            readings.take()
    told.put(readings.per_second)


class _Readings:
    """Operations of each second, read off a counter about once in each.

    Args:
        counts: see `counted_operations`.
    """

    def __init__(self, counts: Counter[str]) -> None:
        self.per_second: list[int] = []
        self._counts, self._before = counts, 0

    def take(self) -> None:
        """Read it."""
        total = self._counts.total()
        self.per_second.append(total - self._before)
        self._before = total


class _PlayedCluster(Launcher):
    """Machines whose trainings are played.

    Args:
        machines: how many.
        gpus: of each.
        seconds: that each training takes.
    """

    def __init__(self, machines: int, gpus: int, seconds: float) -> None:
        self.per_second: list[list[int]] = []  # operations of each machine, after `stop`
        self._machines, self._gpus, self._seconds = machines, gpus, seconds
        self._context = get_context('fork')
        self._stop = self._context.Event()
        self._told: Queue[list[int]] = self._context.Queue()
        self._processes: list[ForkProcess] = []

    def start(self, work: Work) -> None:
        """Start the machines."""
        self._processes = [
            self._context.Process(
                target=_be_machine,
                args=(f'machine {number}', work, self._gpus, self._seconds, self._stop, self._told),
            )
            for number in range(self._machines)
        ]
        for process in self._processes:
            process.start()

    def alive(self) -> bool:
        """Whether a machine is at work."""
        return any(process.is_alive() for process in self._processes)

    def stop(self) -> None:
        """Stop the machines, and note what they have counted."""
        self._stop.set()
        self.per_second += [self._told.get(timeout=_PATIENCE) for _ in self._processes]
        for process in self._processes:
            process.join()
        self._processes = []


class _Enough(Exception):
    """Raised when a load was measured for long enough."""


def cluster_load(
    population: Population,
    recipe: str | Path,
    *,
    machines: int,
    gpus: int,
    seconds: float,
    limit: float = math.inf,
) -> ClusterLoad:
    """Have a population trained by played trainings; return what that asked of the file system.

    It is the mean over the second half of the time, without the start.

    Args:
        population: whose networks are trained, of which nothing is changed: runs are in a temporary
            folder.
        recipe: path of its config.
        machines: how many.
        gpus: of each; as many networks are trained at a time.
        seconds: that each training takes.
        limit: seconds after which all stop, though runs are left. Default: none.
    """
    with TemporaryDirectory() as folder:
        runs = _planned(population, recipe, Path(folder))
        launcher = _PlayedCluster(machines, gpus, seconds)
        with counted_operations(folder) as counts:
            readings = _Readings(counts)
            end = time.monotonic() + limit

            def show(standing: Standing) -> None:
                readings.take()
                if time.monotonic() > end:
                    raise _Enough

            with suppress(_Enough):
                train_population(Work(runs), launcher, show)
    workers = [sum(counts) for counts in zip_longest(*launcher.per_second, fillvalue=0)]
    last = len(readings.per_second) - 1  # what is done at the end is no part of it
    return ClusterLoad(_mean(readings.per_second, last), _mean(workers, last))


def _mean(per_second: Sequence[int], last: int) -> float:
    """The mean from the middle to before the last second."""
    return statistics.fmean(per_second[last // 2 : last] or [0])


def _planned(population: Population, recipe: str | Path, folder: Path) -> tuple[Run, ...]:
    """The runs of a copy of a population."""
    copy = Population.open(_copied(population.directory, folder / 'population'))
    runs = recipe_folder(copy, 'recipe')
    keep_recipe(runs, Config.fromfile(recipe).pretty_text)
    return plan_runs(runs, list(copy), [0], copy.seed)


def _copied(directory: Path, copy: Path) -> Path:
    """A copy of what was sampled."""
    copy.mkdir()
    for path in directory.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
    return copy
