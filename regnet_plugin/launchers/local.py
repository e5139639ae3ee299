"""Workers on this machine: a pool of processes, each with a GPU or a thread of its own."""

import threading

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import counted
from regnet_plugin.training.populations.gpus import visible_gpus
from regnet_plugin.training.populations.worker import Worker, confined


class LocalLauncher:
    """Runs workers in threads of this process; each has a training process of its own.

    Args:
        workers (int, optional): networks trained at a time. Default: None, one per GPU (or per
            group of them, where several train a network together), else one.
    """

    def __init__(self, workers=None):
        self.gpus = visible_gpus()
        self.workers = workers
        self._stop = threading.Event()
        self._threads, self.errors = [], []

    def start(self, work):
        """Begin to train; returns at once.

        Raises:
            UserError: if there are fewer GPUs than one network takes.
        """
        if 0 < len(self.gpus) < work.processes:
            raise UserError(
                f'a network needs {work.processes} GPUs, but there are {len(self.gpus)}'
            )
        groups = [
            ','.join(self.gpus[first : first + work.processes])
            for first in range(0, len(self.gpus) - work.processes + 1, work.processes)
        ]
        places = [confined(gpu=group) for group in groups] or [confined()]
        left = [run for run in work.runs if not run.ended]
        number = max(1, min(self.workers or len(places), len(left)))
        self._threads = [
            threading.Thread(target=self._work, args=(work, places[place % len(places)]))
            for place in range(number)
        ]
        if left:
            begun = sum(run.checkpoint is not None for run in left)
            goes_on = f'; {counted(begun, "run")} to go on from a checkpoint' if begun else ''
            say(
                f'note: starting {counted(number, "worker")} for '
                f'{counted(len(left), "run")}{goes_on}'
            )
        for thread in self._threads:
            thread.start()

    def _work(self, work, environment):
        try:
            Worker(work, environment, self._stop).work_off()
        except Exception as error:  # for the main thread to raise
            self.errors.append(error)
            self._stop.set()

    def alive(self):
        """Whether any worker is at work."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self):
        """Let go what is being trained, and wait until that is so.

        Raises:
            UserError: what a worker met with.
        """
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]
