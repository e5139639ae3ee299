"""The process that trains networks, one after the other: ``python -m
regnet_plugin.training.populations.trainee``.

A worker (see `worker`) writes the folder of a run to its standard input and is told when that has
ended, each in a line of JSON; the process ends with its input. With ``--folder`` it trains one run
and ends: so torchrun starts it, a rank each. Imports are paid once; what MMEngine keeps
process-wide is reset between two runs, so that each is trained as if it were the first.
"""

import argparse
import errno
import gc
import json
import mmap
import os
import signal
import sys
import threading
import traceback
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from regnet_plugin.cli.errors import UserError, is_out_of_memory
from regnet_plugin.files import create, names_in
from regnet_plugin.population.run_layout import CONFIG, FAILURE
from regnet_plugin.population.runs.run import has_room

DONE, DIVERGED, NO_SPACE, KILLED, UNREADABLE = (
    'done',
    'diverged',
    'no space',
    'killed',
    'unreadable',
)
FULL = (errno.ENOSPC, errno.EDQUOT)  # of an OSError, when a disk is full or a quota used up
_NO_MORE = (errno.EMFILE, errno.ENFILE)  # when no more files can be opened
# when a file cannot be read now
_NOT_NOW = (*_NO_MORE, errno.EACCES, errno.EPERM, errno.ESTALE, errno.EIO)


def main():
    parser = argparse.ArgumentParser(description='Train runs of a population for a worker.')
    parser.add_argument(
        '--folder', type=Path, help='of a run: train this one as a rank of torchrun'
    )
    folder = parser.parse_args().folder
    if folder:
        _listen()  # ranks have torchrun's input
        outcome = Trainee('pytorch').train(folder)
        if outcome['outcome'] != DONE:  # told by a file: torchrun tells only that a rank failed
            create(folder / FAILURE, json.dumps(outcome))
            sys.exit(1)
    else:
        _serve()


def _serve():
    replies = os.fdopen(os.dup(1), 'w')
    # the trainings' log lines, which are in their folders
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    orders = _listen()
    trainee = Trainee('none')
    print('{}', file=replies, flush=True)  # ready
    while True:
        print(json.dumps(trainee.train(Path(json.loads(orders.get())))), file=replies, flush=True)


def _listen() -> SimpleQueue:
    """Return the queue of what the worker will write; this process ends with the worker, whatever
    it is doing.

    The input is taken away from ``sys.stdin``, whose lock a thread would hold while it waits: a
    loader's workers are forked with that lock as it is, and wait for it when they close their
    ``sys.stdin``. Reading a descriptor takes no lock.
    """
    lines, descriptor = SimpleQueue(), os.dup(0)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_read_lines, args=(descriptor, lines), daemon=True).start()
    return lines


def _read_lines(descriptor: int, lines: SimpleQueue) -> None:
    """Put what is read into a queue, line by line; end this process, and its loader's, with its
    input.
    """
    unfinished = b''
    while part := os.read(descriptor, 65536):
        *whole, unfinished = (unfinished + part).split(b'\n')
        for line in whole:
            lines.put(line)
    if os.getpgrp() == os.getpid():  # as the worker, or torchrun, has started it
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


class Trainee:
    """Trains runs in this process, on the GPU or the threads that it was given.

    Args:
        launcher (str): 'none', or 'pytorch' as a rank of torchrun.
    """

    def __init__(self, launcher):
        import torch

        from regnet_plugin.training import (  # noqa: F401 - paid for now
            shared_runner,
            trainer,
            training_config,
        )

        self.launcher = launcher
        if not torch.cuda.is_available():
            torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', 1)))

    def train(self, folder):
        """Train a run; one that ends well or diverges has its result then.

        Args:
            folder (Path): of the run.

        Returns:
            dict: outcome: 'done', 'diverged', 'no space', 'killed', 'unreadable', 'out of memory'
                or 'error'; a message.
        """
        try:
            self._train(folder)
            return dict(outcome=DONE, message='')
        except Exception as error:  # whatever a config or a network does
            traceback.print_exc()
            fault = next(filter(partial(_is_not_the_networks, folder), _chain(error)), None)
            if fault:
                return dict(
                    outcome=UNREADABLE,
                    message=f'{fault.filename} cannot be read now: {fault.strerror}',
                )
            text = (
                str(error) if isinstance(error, UserError) else f'{type(error).__name__}: {error}'
            )
            text = text.replace(f'{folder}{os.sep}', '')  # the result is in it
            return dict(outcome=_kind(error, folder), message=' '.join(text.split())[:1000])
        finally:
            reset()

    def _train(self, folder):
        from regnet_plugin.training.arguments import parse_train_arguments
        from regnet_plugin.training.shared_runner import SharingRunner
        from regnet_plugin.training.trainer import train
        from regnet_plugin.training.training_config import training_config

        path = str(folder / CONFIG)
        resume = ['--resume'] if any(name.endswith('.pth') for name in names_in(folder)) else []
        train(
            training_config(parse_train_arguments([path, '--launcher', self.launcher, *resume])),
            path,
            SharingRunner,
        )


def _is_not_the_networks(folder, error):
    """Whether an error is that a file of the run cannot be read now, or that no more files can be
    opened.
    """
    if not isinstance(error, OSError) or error.errno not in _NOT_NOW:
        return False
    return error.errno in _NO_MORE or Path(os.path.abspath(str(error.filename))).is_relative_to(
        os.path.abspath(folder)
    )


def _kind(error, folder):
    from regnet_plugin.training.populations.result_hook import FailureNoted

    chain = list(_chain(error))
    if isinstance(error, FailureNoted):
        return DIVERGED
    if any(getattr(part, 'errno', None) in FULL for part in chain) or not has_room(folder):
        return NO_SPACE
    if any(map(_is_of_a_killed_loader, chain)):
        return KILLED
    if any(map(is_out_of_memory, chain)) or not _can_allocate():
        return 'out of memory'
    return 'error'


def _is_of_a_killed_loader(error: BaseException) -> bool:
    """Whether PyTorch says that a process of a loader was killed, as by a system without memory: no
    network's fault.
    """
    said = str(error)
    return 'DataLoader worker' in said and (
        'is killed by signal' in said or 'exited unexpectedly' in said
    )


def _can_allocate(size=2**26):
    """Whether there is memory left: libraries say so in their own ways, oneDNN with 'could not
    create a primitive'.
    """
    try:
        mmap.mmap(-1, size).close()
    except OSError:
        return False
    return True


def _chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def reset():
    """Forget what MMEngine keeps for the whole process, as its own tests do between two runners."""
    import torch
    from mmengine.logging import MMLogger
    from mmengine.utils import ManagerMixin

    for logger in MMLogger._instance_dict.values():
        for handler in logger.handlers:
            handler.close()
    # mmdet's visualizers have one name for all, so the last run's would be found
    for kind in _kinds_of(ManagerMixin):
        kind._instance_dict.clear()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _kinds_of(kind):
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds_of(narrower)


if __name__ == '__main__':
    main()
