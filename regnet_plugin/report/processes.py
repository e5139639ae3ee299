"""Work on all cores: to read, to fit and to draw is what a report takes time for."""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from regnet_plugin.pool import in_turn, usable_cores

Item = TypeVar('Item')
Result = TypeVar('Result')


def in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], what: str
) -> list[Result]:
    """Apply a function to items, in as many forked processes as there are cores.

    Where processes cannot be forked, or other threads run, all is done in this process: a child
    would find the threads' locks taken, and nobody to release them.

    Args:
        function: what it returns is sent between processes, what it raises is raised.
        items: of anything; they are not sent.
        what: is done, for the progress bar on a terminal.

    Returns:
        The results in the order of the items.

    Raises:
        ChildProcessError: if one of the processes was killed.
    """
    items = list(items)
    workers = min(usable_cores(), len(items))
    results: Iterable[Result]
    if workers < 2 or threading.active_count() > 1:
        results = map(function, items)
    else:
        # forked processes have the items, and are sent only the place of one
        results = in_turn(
            lambda place: function(items[place]),
            range(len(items)),
            processes=workers,
            how='fork',
            what=what,
        )
    return _with_progress(results, len(items), what)


def _with_progress(results: Iterable[Result], total: int, what: str) -> list[Result]:
    """Collect results, with a bar on a terminal that grows meanwhile."""
    with Progress(
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
        auto_refresh=False,  # which would take a thread, beside which nothing can be forked
    ) as progress:
        return list(progress.track(results, total, description=what))
