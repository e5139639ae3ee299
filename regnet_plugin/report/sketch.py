"""Figures that are drawn when they are needed, in any process: drawing and writing them is most of a report's time."""
import os
from functools import cached_property
from multiprocessing import get_context


class Sketch:
    """A `Plot` to be: what it is drawn from. It has the plot's ``key`` and methods, and draws it once.

    Args:
        function (Callable): of `regnet_plugin.report.figures`.
        key (str): of the plot, the function's first argument.
        *args, **kwargs: the others.
    """

    def __init__(self, function, key, *args, **kwargs):
        self.key = key
        self._draw = lambda: function(key, *args, **kwargs)

    @cached_property
    def plot(self):
        return self._draw()

    def svg(self):
        return self.plot.svg()

    def hover(self):
        return self.plot.hover()

    def save(self, folder):
        return self.plot.save(folder)


class Finished:
    """A plot whose files are written: its ``key``, SVG and values on hover."""

    def __init__(self, sketch, folder):
        self.key = sketch.key
        sketch.save(folder)
        self._svg, self._hover = sketch.svg(), sketch.hover()

    def svg(self):
        return self._svg

    def hover(self):
        return self._hover


_sketches, _folder = (), None  # of the process that finishes them; its children see them as they are


def finish(sketches, folder):
    """Draw figures and write their files, on all cores where processes can be forked.

    Args:
        sketches (Sequence[Sketch]): in any order.
        folder (Path): that takes the files.

    Returns:
        list[Finished]: in the same order.
    """
    global _sketches, _folder
    _sketches, _folder = sketches, folder
    workers = min(os.cpu_count() or 1, len(sketches))
    if workers < 2 or not hasattr(os, 'fork'):
        return list(map(_finish, range(len(sketches))))
    with get_context('fork').Pool(workers) as pool:
        return pool.map(_finish, range(len(sketches)), chunksize=1)


def _finish(place):
    return Finished(_sketches[place], _folder)
