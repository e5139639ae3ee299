"""What Ray and Slurm have in common: what a network takes of a cluster, and a worker on one of its
machines.
"""

import os
import socket
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.populations.worker import Worker, confined

# seconds; Ray interrupts the main thread between two bytecodes, so that must not sleep for long
GLANCE = 0.2
# variables of the launcher that the training processes get: modules of custom_imports
_HANDED_ON = ('PYTHONPATH',)


@dataclass(frozen=True)
class Share:
    """What one network takes of a cluster.

    Attributes:
        processes (int): that train it together.
        gpus (float): of all its processes: as many, or a part of one for a single process; 0 for
            training on CPUs.
        cpus (float): of all its processes.
    """

    processes: int
    gpus: float
    cpus: float

    @classmethod
    def of(cls, processes, gpus, cpus, has_gpus):
        """Fill in what was not asked for.

        Args:
            processes (int): that train one network together.
            gpus, cpus (float, optional): per network. Default for GPUs: one per process if there
                are any, else none; for CPUs: one per process.
            has_gpus (bool): whether the cluster has GPUs.

        Raises:
            UserError: if the numbers do not fit together.
        """
        gpus = (processes if has_gpus else 0) if gpus is None else gpus
        processes = int(gpus) if processes == 1 and gpus > 1 else processes
        if gpus > 1 and gpus != int(gpus):
            raise UserError(
                f'--gpus-per-network must be a whole number or less than 1, but it is {gpus:g}'
            )
        if gpus and gpus != processes and not (processes == 1 and gpus < 1):
            raise UserError(
                f'each process of a network has a GPU of its own, but --processes is {processes} '
                'and '
                f'--gpus-per-network is {gpus:g}'
            )
        return cls(processes, gpus, processes if cpus is None else cpus)

    def __str__(self):
        return in_words(self.cpus, self.gpus)

    @property
    def variables(self):
        """Those that confine a training process to its threads; to its GPUs it was confined by Ray
        or Slurm.
        """
        variables = confined(threads=max(1, int(self.cpus / self.processes)))
        return variables if self.gpus else {**variables, 'CUDA_VISIBLE_DEVICES': ''}


def find_modules(path: str) -> None:
    """Let this process import what lies in the folders of a PYTHONPATH.

    A task of Ray runs in a process that was started before, with the PYTHONPATH of the machine's own
    `ray start`; the worker in it reads the recipe, which may import modules of the user's.
    """
    sys.path.extend(
        folder for folder in path.split(os.pathsep) if folder and folder not in sys.path
    )


def in_words(cpus, gpus):
    """Say CPUs and, where there are any, GPUs."""
    amounts = ((cpus, 'CPU'), (gpus, 'GPU'))
    parts = [f'{amount:g} {name}{"s" if amount > 1 else ""}' for amount, name in amounts if amount]
    return ' and '.join(parts) or 'nothing'


class Errand:
    """What a machine of a cluster is sent: the work, and all that a worker there needs to know.

    Args:
        work (Work): as the launcher has it.
        share (Share): of each network.
    """

    def __init__(self, work, share):
        self.work = replace(
            work,
            processes=share.processes,
            runs=tuple(replace(run, folder=run.folder.absolute()) for run in work.runs),
        )
        self.variables = {
            **{name: os.environ[name] for name in _HANDED_ON if name in os.environ},
            **share.variables,
        }
        self.folder = Path.cwd()  # paths in recipes, such as data/imagenet, are relative to it

    @property
    def runs_left(self):
        return [run for run in self.work.runs if not run.ended]


class Station:
    """A worker on a machine of a cluster; it is in a thread, so that the main thread hears what Ray
    and Slurm want.

    Args:
        errand (Errand): what it is to do.
    """

    def __init__(self, errand):
        self._errand = errand
        self._stop = threading.Event()
        self._error, self._over = None, False  # no lock: signal handlers ask, too
        threading.Thread(target=self._work).start()

    def work_off(self):
        """Wait until nothing is left to take.

        Returns:
            str | None: what keeps it from going on, such as a full disk.
        """
        self._wait()
        if isinstance(self._error, UserError):
            return f'{socket.gethostname()}: {self._error}'
        if self._error:
            raise self._error
        return None

    def let_go(self):
        """End it; the run that it is at is gone on with by others, or later."""
        self._stop.set()
        self._wait()

    def _wait(self):
        while not self._over:
            time.sleep(GLANCE)

    def _work(self):
        try:
            folder = self._errand.work.runs[0].folder.parent
            if not folder.is_dir():
                raise UserError(
                    f'{folder} is not there; a population must be on a disk that all machines see'
                )
            if self._errand.folder.is_dir():
                os.chdir(self._errand.folder)
            find_modules(self._errand.variables.get('PYTHONPATH', ''))
            Worker(self._errand.work, self._errand.variables, self._stop).work_off()
        except Exception as error:  # for the main thread
            self._error = error
        finally:
            self._over = True
