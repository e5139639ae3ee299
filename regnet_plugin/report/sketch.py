"""Figures that are drawn when and where they are needed."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Concatenate, ParamSpec

from regnet_plugin.report.plot import Hover, Plot

P = ParamSpec('P')


class Sketch:
    """A `Plot` to be: what it is drawn from.

    It has the plot's ``key`` and methods, and draws it once.

    Args:
        function: of `regnet_plugin.report.figures`; its first argument is the key.
        key: of the plot.
        *args, **kwargs: the function's other arguments.
    """

    def __init__(
        self,
        function: Callable[Concatenate[str, P], Plot],
        key: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        self.key = key
        self.draw = partial(function, key, *args, **kwargs)

    @cached_property
    def plot(self) -> Plot:
        """The plot, drawn when it is first asked for."""
        return self.draw()

    def svg(self) -> str:
        """Return `Plot.svg`."""
        return self.plot.svg()

    def hover(self) -> Hover:
        """Return `Plot.hover`."""
        return self.plot.hover()

    def save(self, folder: str | Path, formats: Sequence[str]) -> list[Path]:
        """Do as `Plot.save` does."""
        return self.plot.save(folder, formats)


class Finished:
    """A plot whose files are written; what the page needs of it is small enough to be sent.

    Args:
        plot: to be drawn, and saved at once.
        folder, formats: of `Plot.save`.
    """

    def __init__(self, plot: Plot | Sketch, folder: str | Path, formats: Sequence[str]) -> None:
        self.key = plot.key
        drawn = plot.draw() if isinstance(plot, Sketch) else plot  # a sketch would remember it
        drawn.save(folder, formats)
        self._svg = drawn.svg()
        self._hover = drawn.hover()

    def svg(self) -> str:
        """Return `Plot.svg`."""
        return self._svg

    def hover(self) -> Hover:
        """Return `Plot.hover`."""
        return self._hover
