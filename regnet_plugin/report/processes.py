"""Work on all cores: to read, to fit and to draw is what a report takes time for."""

import os
import sys
import threading

from rich.console import Console
from rich.progress import Progress

from regnet_plugin.pool import in_turn


def in_processes(function, items, what):
    """Apply a function to items, in as many processes as there are cores, where processes can be
    forked.

    Where other threads run, all is done in this process: a child would find their locks taken, and
    nobody to release them.

    Args:
        function (Callable): of one argument; what it returns is sent between processes, what it
            raises is raised.
        items (Iterable): of anything; they are not sent.
        what (str): is done, for the progress bar on a terminal.

    Returns:
        list: in the order of the items.

    Raises:
        ChildProcessError: if one of the processes was killed.
    """
    items = list(items)
    workers = min(
        len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1, len(items)
    )
    if workers < 2 or threading.active_count() > 1:
        results = map(function, items)
    else:
        results = in_turn(
            lambda place: function(items[place]),
            range(len(items)),
            processes=workers,
            how='fork',
            what=what,
        )
    return _shown(results, len(items), what)


def _shown(results, total, what):
    """The results as a list, with a bar on a terminal that grows meanwhile, and without the thread
    that rich has for it.
    """
    with Progress(
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
        auto_refresh=False,
    ) as progress:
        return list(progress.track(results, total, description=what))
