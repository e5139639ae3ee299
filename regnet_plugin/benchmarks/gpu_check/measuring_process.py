"""The process that measures: what hangs, crashes or fills the memory there ends with it."""

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from regnet_plugin.benchmarks.gpu_check.form import FORMS
from regnet_plugin.benchmarks.gpu_check.parts import Part, Place, Row, parts_of
from regnet_plugin.benchmarks.gpu_check.record import (
    FAILED,
    MEASURED,
    OUT_OF_TIME,
    MeasuredPart,
)
from regnet_plugin.cli.errors import in_one_line

_LOOK_EVERY = 0.5  # seconds between two words of how far it is
_READY = 'ready'
_DONE = 'done'


class MeasuringProcess:
    """Measures parts one after the other, in a process that is started again after a failure.

    Args:
        device: 'cuda' or 'cpu', which decides the form of the parts.
        place: where things are that parts need.
        log: file that takes what is said meanwhile.
    """

    def __init__(self, device: str, place: Place, log: Path) -> None:
        self._arguments = (device, place, log)
        self._connection: Connection[Any, Any] | None = None
        self._process: Any = None  # of multiprocessing

    def measure(self, part: Part, seconds: float, tell: Callable[[float], None]) -> MeasuredPart:
        """Measure a part.

        Args:
            part: of the form.
            seconds: that it may take, without the start of the process.
            tell: told now and then how many seconds it has taken.

        Returns:
            What was measured, all of it or what there was when it failed or the time was over.
        """
        begun = time.monotonic()
        rows: list[Row] = []
        try:
            connection = self._started()
            begun = time.monotonic()
            connection.send(part.name)
            status, message = self._receive(connection, rows, seconds, tell)
        except (EOFError, OSError):
            status, message = FAILED, f'its process ended with {self._exit_code()}'
        if status != MEASURED:
            self.end()
        taken = round(time.monotonic() - begun, 1)
        return MeasuredPart(status, tuple(rows), message, taken)

    def end(self) -> None:
        """End the process, and all that it started, whatever they are at."""
        if self._process is not None and self._connection is not None:
            if self._process.is_alive():
                self._kill_group()
            self._process.join()
            self._connection.close()
        self._process = self._connection = None

    def _kill_group(self) -> None:
        """Kill the process's group, or itself where it has not made one yet."""
        if os.getpgid(self._process.pid) == self._process.pid:
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def _exit_code(self) -> int | None:
        self._process.join()
        code: int | None = self._process.exitcode
        return code

    def _started(self) -> 'Connection[Any, Any]':
        """The end of a pipe to the process, which has made its imports."""
        if self._connection is None:
            # Not forked: a process that has CUDA cannot hand it to a child.
            context = get_context('spawn')
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, *self._arguments))
            self._process.start()
            theirs.close()  # or the pipe would not end with the process
            assert self._connection.recv() == _READY
        return self._connection

    def _receive(
        self,
        connection: 'Connection[Any, Any]',
        rows: list[Row],
        seconds: float,
        tell: Callable[[float], None],
    ) -> tuple[str, str]:
        """Append the rows as they come; return the status and the message of the end."""
        begun = time.monotonic()
        while (taken := time.monotonic() - begun) < seconds:
            tell(taken)
            if not connection.poll(min(_LOOK_EVERY, seconds - taken)):
                continue
            word, row = connection.recv()
            if word == _DONE:
                return MEASURED, ''
            if row is None:
                return FAILED, word
            rows.append(row)
        return OUT_OF_TIME, ''


def _serve(connection: 'Connection[Any, Any]', device: str, place: Place, log: Path) -> None:
    """Be that process: send ``(word, row)``; a word without a row is how a part ended."""
    os.setsid()  # a group that is killed as one
    _redirect_output(log)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.backends.cudnn.benchmark = True  # as the configs of ImageNet train
    parts = {part.name: part for part in parts_of(FORMS[device], place)}
    connection.send(_READY)
    while True:
        part = parts[connection.recv()]
        try:
            for row in part.measure():
                connection.send(('', row))
            connection.send((_DONE, None))
        except Exception as error:  # of whatever library: the other parts go on
            traceback.print_exc()
            connection.send((in_one_line(error), None))
        gc.collect()  # compiled networks are in cycles
        torch.cuda.empty_cache()  # other processes may want it


def _redirect_output(log: Path) -> None:
    """Have a file take what is said from now on, by libraries and by processes that are started."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def _end_with_parent() -> None:
    """Wait for the end of the process that this one works for, and end with all it started."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os.killpg(0, signal.SIGKILL)
