"""Progress bars of the tools, and tools whose output nobody reads any more."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds until a bar is shown: what takes less needs none


def _new_bar() -> 'Progress':
    # imported when needed, as most tools end before a bar is shown
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


@contextmanager
def progress_bar(
    new_bar: Callable[[], 'Progress'] = _new_bar,
) -> Iterator[Callable[..., None]]:
    """Show a bar once the work within takes longer than `PATIENCE`.

    Args:
        new_bar: makes the bar, when it is to be shown. Default: on standard error, with a text.

    Yields:
        A function ``tell(done, total, text='')`` to be told how many are done, how many there will
        be, and what is to stand beside the bar.
    """
    bar: Progress | None = None
    start = time.monotonic()

    def tell(done: int, total: int, text: str = '') -> None:
        nonlocal bar
        if bar is None and time.monotonic() - start > PATIENCE:
            bar = new_bar()
            bar.start()
            bar.add_task('')
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=total, description=text)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def outlive_readers() -> None:
    """Let no print from now on end the tool where nobody reads it any more (``| head -1``)."""
    # what it lacks, the stream that it stands for has
    sys.stdout = _OutlivingStream(sys.stdout)


class _OutlivingStream:
    """A text stream that drops what is written once its reader has gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or drop it, and return its length."""
        try:
            self._stream.write(text)
        except BrokenPipeError:
            self._drop_from_now_on()
        return len(text)

    def flush(self) -> None:
        """Write what is buffered, or drop it."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop_from_now_on()

    def _drop_from_now_on(self) -> None:
        """Send what the stream has buffered, and all that follows, nowhere."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
