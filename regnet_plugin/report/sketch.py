"""Figures that are drawn when and where they are needed."""

from functools import cached_property


class Sketch:
    """A `Plot` to be: what it is drawn from. It has the plot's ``key`` and methods, and draws it
    once.

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

    def save(self, folder, formats):
        return self.plot.save(folder, formats)


class Finished:
    """A plot whose files, in some formats, are written: its ``key``, SVG and values on hover."""

    def __init__(self, sketch, folder, formats):
        self.key = sketch.key
        sketch.save(folder, formats)
        self._svg, self._hover = sketch.svg(), sketch.hover()

    def svg(self):
        return self._svg

    def hover(self):
        return self._hover
