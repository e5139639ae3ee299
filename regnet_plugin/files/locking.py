"""Locks between processes. Each ends with the process that holds it, however that ends."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from filelock import FileLock, Timeout

from regnet_plugin.files.reading import naming


@contextmanager
def locked(path: str | Path, when_waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a lock, after waiting for whoever holds it now.

    Args:
        path: of the file that stands for the lock; it is made, and stays.
        when_waiting: called once if another process holds the lock, before waiting for it, such as
            to say so. Default: nothing is called.
    """
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if when_waiting is not None:
            when_waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def alone_at(path: str | Path) -> Iterator[TextIO]:
    """Open a file to append to it, while no other process of this machine does; never wait.

    The lock is on the file itself, so that a population needs no file for it. Therefore it is not
    filelock's, which opens a file of its own, and in some versions empties it.

    Raises:
        BlockingIOError: if another process is at it.
    """
    with naming(path), Path(path).open('a') as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
