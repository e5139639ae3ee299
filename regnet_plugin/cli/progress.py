"""The bar of a tool, once it takes longer than two seconds; and what becomes of its lines when
nobody reads them.
"""

import os
import sys
import time
from contextlib import contextmanager

PATIENCE = 2.0  # seconds


@contextmanager
def progress_bar():
    """Give a function to be told how many are done, how many there will be, and a text to stand
    beside the bar.
    """
    bar, start = None, time.monotonic()

    def tell(done, total, text=''):
        nonlocal bar
        if bar is None and time.monotonic() - start > PATIENCE:
            bar = _bar()
            bar.start()
            bar.add_task('')
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=total, description=text)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def outlive_readers():
    """Let nothing that is printed from now on end the tool where nobody reads it any more, as
    behind ``| head -1``.
    """
    sys.stdout = _Outliving(sys.stdout)


class _Outliving:
    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        return self._try(self._stream.write, text)

    def flush(self):
        self._try(self._stream.flush)

    def _try(self, act, *args):
        try:
            return act(*args)
        except BrokenPipeError:  # what it has kept, and all that follows, goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def _bar():
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn('{task.description}'),
        TextColumn('ETA'),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
