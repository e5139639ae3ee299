"""Figures that are drawn when and where they are needed."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Concatenate, ParamSpec

from regnet_plugin.report.drawing.plot import Plot, View

P = ParamSpec('P')


class Sketch:
    """A `Plot` to be: what it is drawn from.

    It has the plot's ``key`` and methods, and draws it once.

    Args:
        function: of `regnet_plugin.report.figures`; its first argument is the key.
        key: of the plot.
        *args: the function's other arguments.
        **kwargs: those with a name.
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

    @property
    def legend(self) -> Sequence[tuple[str, int]]:
        """Return `Plot.legend`."""
        return self.plot.legend

    @property
    def notes(self) -> Sequence[str]:
        """Return `Plot.notes`."""
        return self.plot.notes

    def svg(self) -> str:
        """Return `Plot.svg`."""
        return self.plot.svg()

    def views(self) -> list[View]:
        """Return `Plot.views`."""
        return self.plot.views()

    def save(
        self, folder: str | Path, formats: Sequence[str], for_paper: bool = False
    ) -> list[Path]:
        """Do as `Plot.save` does."""
        return self.plot.save(folder, formats, for_paper)


class Finished:
    """A plot whose files are written; what the page needs of it is small enough to be sent.

    Args:
        plot: to be drawn, and saved at once.
        folder, formats, for_paper: of `Plot.save`.
    """

    def __init__(
        self,
        plot: Plot | Sketch,
        folder: str | Path,
        formats: Sequence[str],
        for_paper: bool = False,
    ) -> None:
        self.key = plot.key
        drawn = plot.draw() if isinstance(plot, Sketch) else plot  # a sketch would remember it
        drawn.save(folder, formats, for_paper)
        self._views = drawn.views()
        self.legend = drawn.legend
        self.notes = drawn.notes

    def views(self) -> list[View]:
        """Return `Plot.views`."""
        return self._views
