"""Processes that share work: it is noticed when one of them dies, and none outlives the process
that it works for.

The pools of the standard library can wait for ever: multiprocessing's for the result of a process
that was killed, concurrent.futures' for the other half of a result whose process was killed while
it was sending. Here each process has a pipe of its own, which ends with it.
"""

import os
import signal
import threading
import traceback
from contextlib import contextmanager
from itertools import count, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any, Callable, Iterable, Iterator, List, Optional


def in_turn(
    function: Callable[[Any], Any], tasks: Iterable, *, processes: int, how: str, what: str
) -> Iterator:
    """Yield what a function makes of tasks, in their order; a few are under way at any time, also
    of endlessly many.

    Args:
        function (Callable): of one argument. What it returns is sent between processes, what it
            raises is raised.
        tasks (Iterable): of what is sent to it.
        processes (int): how many.
        how (str): they come to be: 'fork', with all that this process has in memory, or 'spawn',
            with ``function`` only.
        what (str): they do, for the error.

    Raises:
        ChildProcessError: in one line, if one of them ended before its work.
    """
    team: List[_Member] = []
    try:
        for _ in range(processes):
            team.append(_Member(function, how, what))
        yield from _results(team, enumerate(tasks))
    finally:
        for member in team:
            member.end()


def _results(team: List['_Member'], tasks: Iterator) -> Iterator:
    """Hand out numbered tasks, and yield the results in the order of their numbers."""
    idle, busy, results, given = list(team), {}, {}, 0
    for turn in count():
        while turn not in results:
            for member, (number, task) in zip(
                list(idle), islice(tasks, turn + 2 * len(team) - given)
            ):
                member.take(task)
                idle.remove(member)
                busy[member], given = number, number + 1
            if not busy:
                return
            for member in wait(list(busy)):
                results[busy.pop(member)] = member.result()
                idle.append(member)
        yield results.pop(turn)


class _Member:
    """A process of a team, as the one sees it that it works for."""

    def __init__(self, function, how, what):
        context = get_context(how)
        self._connection, theirs = context.Pipe()
        self._what = what
        self._process = context.Process(
            target=_serve, args=(theirs, function if how == 'fork' else None), daemon=True
        )
        self._process.start()
        theirs.close()  # or it would not end with the process
        if how != 'fork':
            # multiprocessing would wait for ever for a process that is killed before it has read it
            self.take(function)

    def fileno(self):
        """For `multiprocessing.connection.wait`."""
        return self._connection.fileno()

    def take(self, task):
        with self._death_noticed():
            self._connection.send(task)

    def result(self):
        with self._death_noticed():
            result, error, trace = self._connection.recv()
        if error is not None:
            raise error from ChildProcessError(trace)
        return result

    @contextmanager
    def _death_noticed(self):
        try:
            yield
        except (EOFError, OSError):
            raise ChildProcessError(
                f'a process was killed while {self._what}; so a system does when memory runs out'
            ) from None

    def end(self):
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(connection: Connection, function: Optional[Callable[[Any], Any]]) -> None:
    """What a process of a team does; it is sent the function if it is not given one."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        # Ctrl-C reaches the whole group, and one process is to speak of it
        signal.signal(kind, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    function = function or connection.recv()
    while True:
        task = connection.recv()
        try:
            answer = function(task), None, ''
        except Exception as error:  # for the process that asked
            answer = None, error, traceback.format_exc()
        connection.send(answer)


def _end_with_parent():
    parent_process().join()
    os._exit(1)
