"""What Ray and Slurm have in common.

That is what a network takes of a cluster, and a worker on one of its machines.
"""

import os
import socket
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.run import Run
from regnet_plugin.training.workers.training_processes import confining_variables
from regnet_plugin.training.workers.worker import Worker

# Seconds of a nap of the main thread; Ray interrupts it between two bytecodes, and Slurm by signals
# that Python handles there, so it must not sleep for long.
NAP = 0.2
LET_GO = 60.0  # seconds that workers have to let go what they train
# variables of the launcher that the training processes get: modules of custom_imports
_HANDED_ON = ('PYTHONPATH',)


@dataclass(frozen=True)
class Share:
    """What one network takes of a cluster.

    Attributes:
        processes: that train it together.
        gpus: of all its processes: as many, or a part of one for a single process; 0 for training
            on CPUs.
        cpus: of all its processes.
    """

    processes: int
    gpus: float
    cpus: float

    @classmethod
    def of(cls, processes: int, gpus: float | None, cpus: float | None, has_gpus: bool) -> 'Share':
        """Fill in what was not asked for.

        Args:
            processes: that train one network together.
            gpus: per network. Default: None, one per process if there are any, else none.
            cpus: per network. Default: None, one per process.
            has_gpus: whether the cluster has GPUs.

        Raises:
            UserError: if the numbers do not fit together.
        """
        if gpus is None:
            gpus = processes if has_gpus else 0
        elif processes == 1 and gpus > 1:
            processes = int(gpus)  # one for each GPU
        if gpus > 1 and gpus != int(gpus):
            raise UserError(
                f'--gpus-per-network must be a whole number or less than 1, but it is {gpus:g}'
            )
        is_part_of_one = processes == 1 and gpus < 1
        if gpus and gpus != processes and not is_part_of_one:
            raise UserError(
                f'each process of a network has a GPU of its own, but --processes is {processes} '
                f'and --gpus-per-network is {gpus:g}'
            )
        return cls(processes, gpus, processes if cpus is None else cpus)

    def __str__(self) -> str:
        return resources_text(self.cpus, self.gpus)

    @property
    def variables(self) -> dict[str, str]:
        """Variables that confine a training process to its threads.

        To its GPUs it was confined by Ray or Slurm.
        """
        variables = confining_variables(threads=max(1, int(self.cpus / self.processes)))
        if not self.gpus:
            variables['CUDA_VISIBLE_DEVICES'] = ''
        return variables


def find_modules(python_path: str) -> None:
    """Let this process import what lies in the folders of a PYTHONPATH.

    A task of Ray runs in a process that was started before, with the PYTHONPATH of the machine's
    own `ray start`; the worker in it reads the recipe, which may import modules of the user's.

    Args:
        python_path: folders, written as in the variable; they come after those that are there.
    """
    for folder in python_path.split(os.pathsep):
        if folder and folder not in sys.path:
            sys.path.append(folder)


def resources_text(cpus: float, gpus: float) -> str:
    """Say CPUs and, where there are any, GPUs, such as '4 CPUs and 1 GPU'."""
    parts = [
        f'{amount:g} {name}{"s" if amount > 1 else ""}'
        for amount, name in ((cpus, 'CPU'), (gpus, 'GPU'))
        if amount
    ]
    return ' and '.join(parts) or 'nothing'


class SentWork:
    """What a machine of a cluster is sent: the work, and all that a worker there needs to know.

    It is pickled on the way.

    Args:
        work: as the launcher has it.
        share: of each network.
    """

    def __init__(self, work: Work, share: Share) -> None:
        self.work = replace(
            work,
            processes=share.processes,
            runs=tuple(replace(run, folder=run.folder.absolute()) for run in work.runs),
        )
        handed_on = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        self.variables = {**handed_on, **share.variables}
        self.folder = Path.cwd()  # paths in recipes, such as data/imagenet, are relative to it

    @property
    def runs_left(self) -> list[Run]:
        """The runs that have not ended."""
        return [run for run in self.work.runs if not run.ended]


class RemoteWorker:
    """A worker on a machine of a cluster.

    It is in a thread, so that the main thread hears what Ray and Slurm want.

    Args:
        sent: what it is to do.
    """

    def __init__(self, sent: SentWork) -> None:
        self._sent = sent
        self._stop = threading.Event()
        # No lock guards these: signal handlers read them, too.
        self._error: Exception | None = None
        self._over = False
        threading.Thread(target=self._work).start()

    def work_off(self) -> str | None:
        """Wait until nothing is left to take.

        Returns:
            what keeps it from going on, such as a full disk; None if nothing does.
        """
        self._wait()
        if isinstance(self._error, UserError):
            return f'{socket.gethostname()}: {self._error}'
        if self._error is not None:
            raise self._error
        return None

    def let_go(self) -> None:
        """End it; the run that it is at is gone on with by others, or later."""
        self._stop.set()
        self._wait()

    def _wait(self) -> None:
        """Wait until the worker is at its end."""
        while not self._over:
            time.sleep(NAP)

    def _work(self) -> None:
        """Be a worker, in the folder where the launcher was started."""
        try:
            folder = self._sent.work.runs[0].folder.parent
            if not folder.is_dir():
                raise UserError(
                    f'{folder} is not there; a population must be on a disk that all machines see'
                )
            if self._sent.folder.is_dir():
                os.chdir(self._sent.folder)
            find_modules(self._sent.variables.get('PYTHONPATH', ''))
            Worker(self._sent.work, self._sent.variables, self._stop).work_off()
        except Exception as error:  # for the main thread
            self._error = error
        finally:
            self._over = True
