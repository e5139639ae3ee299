"""The process that trains networks, one after the other.

It is started as ``python -m regnet_plugin.training.workers.trainee``, by `start`.

A worker (see `worker`) writes the folder of a run to its standard input and is told when that has
ended, each in a line of JSON; the process ends with its input. With ``--folder`` it trains one run
and ends: so torchrun starts it, once per rank. Imports are paid once; what MMEngine keeps
process-wide is reset between two runs, so that each is trained as if it were the first.
"""

import argparse
import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from regnet_plugin.cli.printing import make_messages_printable
from regnet_plugin.files import create, names_in
from regnet_plugin.population.runs.layout import CONFIG, FAILURE
from regnet_plugin.training.workers.trainee_reply import DONE, TraineeReply, reply_after_error

if TYPE_CHECKING:
    from mmengine.utils import ManagerMixin

_AT_ONCE = 65536  # bytes that are read of the input at a time; an order is a path, much shorter


def main() -> None:
    """Train one run as a rank of torchrun, or what a worker asks for, run after run."""
    parser = argparse.ArgumentParser(description='Train runs of a population for a worker.')
    parser.add_argument(
        '--folder', type=Path, help='of a run: train this one as a rank of torchrun'
    )
    folder: Path | None = parser.parse_args().folder
    make_messages_printable()  # what is said here is kept, and shown where a training fails
    if folder is None:
        _serve()
    else:
        _train_as_rank(folder)


def _train_as_rank(folder: Path) -> None:
    """Train a run; end with 1 if that failed.

    A file says why, since torchrun tells only that a rank failed.
    """
    _listen()  # a rank has the input of its torchrun, and ends with it
    outcome = Trainee('pytorch').train(folder)
    if outcome['outcome'] != DONE:
        create(folder / FAILURE, json.dumps(outcome))
        sys.exit(1)


def _serve() -> None:
    """Train what the worker asks for until the input ends."""
    replies = os.fdopen(os.dup(1), 'w')
    # What MMEngine prints is in the log of each run, and must not come between the replies.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    orders = _listen()
    trainee = Trainee('none')
    print('{}', file=replies, flush=True)  # the imports are done
    while True:
        folder = Path(json.loads(orders.get()))
        print(json.dumps(trainee.train(folder)), file=replies, flush=True)


def _listen() -> SimpleQueue[bytes]:
    """Return the queue of the lines that the worker will write.

    This process ends with the worker, whatever it is doing then: a thread sees the end of the
    input.

    The input is taken away from ``sys.stdin``, whose lock a thread would hold while it waits: a
    loader's workers are forked with that lock as it is, and wait for it when they close their
    ``sys.stdin``. Reading a descriptor takes no lock.
    """
    lines: SimpleQueue[bytes] = SimpleQueue()
    descriptor = os.dup(0)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_read_lines, args=(descriptor, lines), daemon=True).start()
    return lines


def _read_lines(descriptor: int, lines: SimpleQueue[bytes]) -> None:
    """Put what is read into a queue, line by line; end this process with its input.

    The processes of its loaders end, too.
    """
    unfinished = b''
    while part := os.read(descriptor, _AT_ONCE):
        *whole, unfinished = (unfinished + part).split(b'\n')
        for line in whole:
            lines.put(line)
    if os.getpgrp() == os.getpid():  # as the worker, or torchrun, has started it
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


class Trainee:
    """Trains runs in this process, on the GPU or the threads that it was given.

    Args:
        launcher: of MMEngine: 'none', or 'pytorch' for a rank of torchrun.
    """

    def __init__(self, launcher: str) -> None:
        import torch

        # These take seconds, which are no part of the first training.
        from regnet_plugin.training import trainer, training_config  # noqa: F401
        from regnet_plugin.training.sharing import shared_runner  # noqa: F401

        self.launcher = launcher
        if not torch.cuda.is_available():
            torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', 1)))

    def train(self, folder: Path) -> TraineeReply:
        """Train a run; one that is done or diverged has its result then.

        Args:
            folder: of the run.

        Returns:
            how it ended; no error is raised, whatever a config or a network does.
        """
        ended_well = False
        try:
            self._train(folder)
            ended_well = True
            return TraineeReply(outcome=DONE, message='')
        except Exception as error:  # whatever a config or a network does; it ends this run only
            traceback.print_exc()
            return reply_after_error(error, folder)
        finally:
            reset(keep_workers=ended_well)

    def _train(self, folder: Path) -> None:
        """Train as tools/train.py does, from the newest checkpoint if there is any."""
        from regnet_plugin.training.arguments import parse_train_arguments
        from regnet_plugin.training.sharing.shared_runner import SharingRunner
        from regnet_plugin.training.trainer import train
        from regnet_plugin.training.training_config import training_config

        path = str(folder / CONFIG)
        arguments = [path, '--launcher', self.launcher]
        if any(name.endswith('.pth') for name in names_in(folder)):
            arguments.append('--resume')
        train(training_config(parse_train_arguments(arguments)), path, SharingRunner)


def reset(keep_workers: bool = False) -> None:
    """Forget what MMEngine keeps for the whole process, as its own tests do between two runners.

    Args:
        keep_workers: let those of the loaders wait for the next training. Default: they end.
    """
    import torch
    from mmengine.logging import MMLogger
    from mmengine.utils import ManagerMixin

    from regnet_plugin.training.sharing.kept_workers import end_training

    end_training(keep_workers)
    for logger in MMLogger._instance_dict.values():
        for handler in logger.handlers:
            handler.close()
    # mmdet's visualizers have one name for all, so the last run's would be found
    for kind in _with_subclasses(ManagerMixin):
        kind._instance_dict.clear()
    gc.collect()
    # What is left stays for all runs: imports, a million objects, and datasets. To look through
    # them at the beginning and the end of each run would take half a second.
    gc.freeze()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _with_subclasses(kind: 'type[ManagerMixin]') -> Iterator['type[ManagerMixin]']:
    """Yield a class, its subclasses, theirs, and so on."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from _with_subclasses(narrower)


if __name__ == '__main__':
    main()
