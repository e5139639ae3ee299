"""How many operations this process makes on a folder and the files below it.

On a file system that several machines share each of them is a question to its server. Python tells
of most by its audit events; `os.stat` has none, so it is wrapped.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

# Events of Python that are operations on the path which is their first argument, and the server's
# part in them: what is opened is also read or written, and a folder is opened and listed. What a
# file is asked after it was opened, and its closing, need no answer.
_EVENTS = {
    'open': 2,
    'os.listdir': 2,
    'os.scandir': 2,
    'os.link': 1,
    'os.rename': 1,
    'os.remove': 1,
    'os.mkdir': 1,
    'os.rmdir': 1,
    'os.utime': 1,
}


class _Watcher:
    """Counts what is done to a folder and below it.

    Args:
        folder: absolute.
    """

    def __init__(self, folder: str) -> None:
        self.counts: Counter[str] = Counter()
        self._below = folder.rstrip(os.sep) + os.sep
        self._lock = threading.Lock()  # operations of all threads are counted

    def note(self, kind: str, path: object, times: int = 1) -> None:
        """Count an operation if it is one on the folder, or below it."""
        if not isinstance(path, (str, os.PathLike)):  # such as a file that is open already
            return
        if (os.path.abspath(path) + os.sep).startswith(self._below):
            with self._lock:
                self.counts[kind] += times


_WATCHERS: list[_Watcher] = []  # at work; a hook of audit events stays until Python ends


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _EVENTS:
        for watcher in list(_WATCHERS):
            watcher.note(event.removeprefix('os.'), arguments[0], _EVENTS[event])


@cache
def _listen() -> None:
    sys.addaudithook(_hear)


def _telling(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of `os` that asks of a path, which tells the watchers."""

    def told(path: Any, *args: Any, **kwargs: Any) -> Any:
        for watcher in list(_WATCHERS):
            watcher.note('stat', path)
        return function(path, *args, **kwargs)

    return told


@contextmanager
def counted_operations(folder: str | Path) -> Iterator[Counter[str]]:
    """Count the operations of this process, of all its threads, on a folder and below it.

    Yields:
        Numbers by kind, as they grow: 'open' (with its read or write, so two), 'listdir',
        'scandir' (two as well), 'stat', 'link', 'rename', 'remove', 'mkdir', 'rmdir', 'utime'.
    """
    watcher = _Watcher(os.path.abspath(folder))
    _listen()
    _WATCHERS.append(watcher)
    try:
        with _stat_told():
            yield watcher.counts
    finally:
        _WATCHERS.remove(watcher)


@contextmanager
def _stat_told() -> Iterator[None]:
    """Have `os.stat` and `os.lstat` tell the watchers, once, also in a process that was forked."""
    if len(_WATCHERS) > 1:
        yield
        return
    with (
        patch.object(os, 'stat', _telling(os.stat)),
        patch.object(os, 'lstat', _telling(os.lstat)),
    ):
        yield
