"""Work on all cores: to read, to fit and to draw is what a report takes time for."""
import os
import sys
from multiprocessing import get_context

from rich.console import Console
from rich.progress import track

_function, _items = None, ()  # of the process that spreads its work; its children see them as they are


def in_processes(function, items, what):
    """Apply a function to items, in as many processes as there are cores, where processes can be forked.

    Args:
        function (Callable): of one argument; what it returns is sent between processes, what it raises is raised.
        items (Iterable): of anything; they are not sent.
        what (str): is done, for the progress bar on a terminal.

    Returns:
        list: in the order of the items.
    """
    global _function, _items
    _function, _items = function, list(items)
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1, len(_items))
    if workers < 2:
        return list(_shown(map(function, _items), what))
    with get_context('fork').Pool(workers) as pool:
        return list(_shown(pool.imap(_apply, range(len(_items))), what))


def _shown(results, what):
    return track(results, what, len(_items), console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _apply(place):
    return _function(_items[place])
