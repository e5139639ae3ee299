"""A page that is made again while the populations on it are trained."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace as changed
from pathlib import Path

from regnet_plugin.cli.wording import counted
from regnet_plugin.files import folders_in, is_there, replace
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.planning import planned_runs
from regnet_plugin.population.runs.standing import Standing, Watch
from regnet_plugin.population.store import Population
from regnet_plugin.report.document import Document
from regnet_plugin.report.page import refresh_html

# Seconds between two glances while nothing comes in. Who trains says as often that it does.
_GLANCE_EVERY = 10


def keep_current(
    path: Path,
    write: Callable[[bool], None],
    *,
    folders: Iterable[str | Path],
    recipe: str | None,
    seconds: int,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Write a page now, and again whenever results came in, until all runs ended.

    Between two pages nothing is looked at; then it glances at a few runs (see `Watch.glance`), and
    at all only to make the next page. When it is interrupted, the page stays as it was made last,
    and browsers load it no more.

    Args:
        path: of the page.
        write: writes it, as one that is made again if that is true: `marked_as_partial`.
        folders: of the populations.
        recipe: the only one whose runs matter. None: all.
        seconds: between two pages, at least.
        wait: for so many seconds. Default: asleep.

    Raises:
        PopulationError: if a folder has no population.
        KeyboardInterrupt: as it comes.
    """
    trainings = [_Training(Path(folder), recipe) for folder in folders]
    try:
        while True:
            before = [training.look() for training in trainings]
            is_over = all(training.is_over for training in trainings)
            write(not is_over)
            if is_over:
                return
            wait(seconds)
            while [training.glance() for training in trainings] == before:
                wait(min(seconds, _GLANCE_EVERY))
    except KeyboardInterrupt:
        _stop_loading(path, seconds)
        raise


def _stop_loading(path: Path, seconds: int) -> None:
    """Take the line out of a page, if there is one, that has browsers load it again."""
    line = refresh_html(seconds)
    if is_there(path):
        before, found, after = path.read_text().partition(line)
        if found:
            replace(path, before + after)


class _Training:
    """The training of a population, with all recipes or with one.

    Args:
        directory: of the population.
        recipe: name of that one. None: all.
    """

    def __init__(self, directory: Path, recipe: str | None) -> None:
        self._directory, self._recipe = directory, recipe
        self._plans: list[tuple[str, int]] | None = None
        self._watches: list[Watch] = []
        self._left = 0

    @property
    def is_over(self) -> bool:
        """Whether there were runs, and all of them had ended, when one looked last."""
        return bool(self._watches) and not self._left

    def look(self) -> tuple[object, int]:
        """Look at all runs; return what is another one when results came in."""
        return self._sight(Watch.look)

    def glance(self) -> tuple[object, int]:
        """Look at some runs; return the same as `look`, as far as one has seen."""
        return self._sight(Watch.glance)

    def _sight(self, how: Callable[[Watch], Standing]) -> tuple[object, int]:
        plans = self._plans_now()
        if plans != self._plans:
            self._plans, self._watches = plans, self._planned()
        standings = [how(watch) for watch in self._watches]
        ended = sum(standing.ended for standing in standings)
        self._left = sum(standing.total for standing in standings) - ended
        return plans, ended

    def _plans_now(self) -> list[tuple[str, int]]:
        """What is another one when runs were planned: recipes, and when runs came to them."""
        place = self._directory / RUNS
        return [(name, os.stat(place / name).st_mtime_ns) for name in folders_in(place)]

    def _planned(self) -> list[Watch]:
        """A watch of the runs of each recipe that matters, where there are runs."""
        plans = planned_runs(Population.open(self._directory))
        return [
            Watch(runs)
            for folder, runs in plans.items()
            if runs and self._recipe in (None, folder.name)
        ]


def marked_as_partial(document: Document, records: Sequence[Records], seconds: int) -> Document:
    """Return a document that says how much of it is in, and is loaded again and again.

    Args:
        document: about populations in training.
        records: these.
        seconds: after which a browser loads it.
    """
    total = sum(len(one.networks) for one in records)
    ended = total - sum(int(one.untrained().sum()) for one in records)
    return changed(
        document,
        title=f'{document.title} (partial: {ended:,} of {total:,})',
        summary=[
            f'Partial: {ended:,} of {counted(total, "network")} have ended.',
            *document.summary,
        ],
        refresh=seconds,
    )
