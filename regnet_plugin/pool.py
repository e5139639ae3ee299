"""Processes that share work: none dies unnoticed, or outlives the process that it works for.

The pools of the standard library can wait for ever: multiprocessing's for the result of a process
that was killed, concurrent.futures' for the other half of a result whose process was killed while
it was sending. Here each process has a pipe of its own, which ends with it.
"""

import gc
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.util import Finalize
from typing import Any, Literal, TypeVar

_Task = TypeVar('_Task')
_Result = TypeVar('_Result')
_Start = Literal['fork', 'spawn']

# Tasks per process that may be under way, or done, while the next result is waited for: a process
# is not idle while another one is at a task that takes twice as long as the others.
_AHEAD = 2


def usable_cores() -> int:
    """Return how many cores this process may use; 1 where that cannot be asked, as on macOS."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1


def in_turn(
    function: Callable[[_Task], _Result],
    tasks: Iterable[_Task],
    *,
    processes: int,
    how: _Start,
    what: str,
) -> Iterator[_Result]:
    """Yield what a function makes of tasks, in their order.

    A few tasks are under way at any time, also of endlessly many.

    Args:
        function: what it returns is sent between processes, what it raises is raised.
        tasks: of what is sent to it.
        processes: how many.
        how: they come to be: 'fork', with all that this process has in memory, or 'spawn', with
            ``function`` only.
        what: they do, for the error.

    Raises:
        ChildProcessError: in one line, if one of them ended before its work.
    """
    team: list[_Member] = []
    if how == 'fork':
        gc.freeze()  # or each process looks for garbage in all that it has from this one
    try:
        for _ in range(processes):
            team.append(_Member(function, how, what))
        gc.unfreeze()
        yield from _results(team, enumerate(tasks))
    finally:
        for member in team:
            member.end()


def _results(team: Sequence['_Member'], tasks: Iterator[tuple[int, Any]]) -> Iterator[Any]:
    """Hand out numbered tasks, and yield the results in the order of their numbers."""
    idle = list(team)
    busy: dict[_Member, int] = {}  # with the number of the task that each is at
    results: dict[int, Any] = {}
    given = 0
    for turn in count():
        while turn not in results:
            allowed = turn + _AHEAD * len(team) - given
            for number, task in islice(tasks, min(len(idle), allowed)):
                member = idle.pop(0)
                member.take(task)
                busy[member] = number
                given += 1
            if not busy:
                return
            ready = wait([member.connection for member in busy])
            for member in [member for member in busy if member.connection in ready]:
                results[busy.pop(member)] = member.result()
                idle.append(member)
        yield results.pop(turn)


class _Member:
    """A process of a team, as the one sees it that it works for.

    Attributes:
        connection: over which it sends results; it is ready, too, when the process has ended.
    """

    def __init__(self, function: Callable[[Any], Any], how: _Start, what: str) -> None:
        context = get_context('fork') if how == 'fork' else get_context('spawn')
        self.connection, theirs = context.Pipe()
        self._what = what
        # Daemonic ones would end with this process, too, but may have no processes of their own,
        # such as those of a loader.
        self._process = context.Process(
            target=_serve, args=(theirs, function if how == 'fork' else None), daemon=False
        )
        self._process.start()
        Finalize(self, self._process.kill, exitpriority=0)  # before multiprocessing waits for it
        theirs.close()  # or the pipe would not end with the process
        if how == 'spawn':
            # Not as an argument: multiprocessing would wait for ever for a process that is killed
            # before it has read it.
            self.take(function)

    def take(self, task: Any) -> None:
        """Send the process a task."""
        with self._death_noticed():
            self.connection.send(task)

    def result(self) -> Any:
        """Return the result of the task, or raise what it raised."""
        with self._death_noticed():
            result, error, trace = self.connection.recv()
        if error is not None:
            raise error from ChildProcessError(trace)
        return result

    @contextmanager
    def _death_noticed(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            raise ChildProcessError(
                f'a process was killed while {self._what}; so a system does when memory runs out'
            ) from None

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: 'Connection[Any, Any]', function: Callable[[Any], Any] | None) -> None:
    """Do what a process of a team does; it is sent the function if it is not given one."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        # Ctrl-C reaches the whole group, and one process is to speak of it
        signal.signal(kind, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if function is None:
        function = connection.recv()
    while True:
        task = connection.recv()
        try:
            connection.send((function(task), None, ''))
        except Exception as error:  # for the process that asked
            connection.send((None, _sendable(error), traceback.format_exc()))


def _sendable(error: Exception) -> Exception:
    """The error, or what it says where it cannot be sent between processes."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # a class of one's own may raise anything when it is written or read
        return RuntimeError(f'{type(error).__name__}: {error}')
    return error


def _end_with_parent() -> None:
    """Wait for the end of the process that this one works for, and end at once."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
