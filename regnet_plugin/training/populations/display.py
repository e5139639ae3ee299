"""What a person sees while a population is trained.

A live table on a terminal, else a line for each run that ended.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live

from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.runs.attempts import STALE
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.runs.standing import Standing, Watch
from regnet_plugin.training.populations.edf_picture import EDFPicture
from regnet_plugin.training.populations.standing_picture import (
    error_in_words,
    standing_line,
    standing_table,
)

_STATUS_EVERY = 2.0  # seconds between two looks at runs that others train
# Seconds after which there is a line although no run ended: a minute; sooner where more or fewer
# are running than before, but not at once, since a worker has no run between two runs.
_QUIET, _QUIET_AFTER_CHANGE = 60, 5


@contextmanager
def population_display(name: str) -> Iterator[Callable[[Standing], None]]:
    """Give a function that is told the `Standing` again and again, and shows it.

    Args:
        name: folder of the runs.
    """
    console = Console(highlight=False)
    start = time.time()
    if not console.is_terminal:
        yield _Lines(since=start)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda standing: live.update(standing_table(name, standing, start))


class _Lines:
    """Prints a line for each run that ended, and now and then one about all runs.

    The latter comes every minute, or when more or fewer are running.

    Args:
        title: that lines begin with. Default: none.
        since: see `networks_per_hour`.
    """

    def __init__(self, title: str = '', since: float | None = None) -> None:
        self._title, self._since = title, since
        self._known: set[tuple[str, int]] | None = None  # runs that had ended; None before a look
        self._running = 0  # when the last line about all runs was printed
        self._told = time.monotonic()

    def __call__(self, standing: Standing) -> None:
        results = (*standing.done, *standing.failed)
        is_first = self._known is None
        known = self._known or set()
        new = [] if is_first else [each for each in results if _key(each) not in known]
        for result in new:
            self._print(f'{_end_of(result)} | {standing_line(standing, self._since)}')
        is_changed = len(standing.running) != self._running
        patience = _QUIET_AFTER_CHANGE if is_changed else _QUIET
        if is_first or (not new and time.monotonic() - self._told > patience):
            self._print(standing_line(standing, self._since))
            self._running = len(standing.running)
        self._known = {_key(result) for result in results}

    def _print(self, text: str) -> None:
        say(self._title + text)
        self._told = time.monotonic()


def _key(result: Result) -> tuple[str, int]:
    """What tells the runs of a recipe apart."""
    return result.network, result.seed


def _end_of(result: Result) -> str:
    """How a run ended, in a line."""
    name = f'{result.network}-{result.seed}'
    if result.status == 'failed':
        return f'{name} failed, {result.reason}: {result.message}'
    error = error_in_words(result.last_error, result.unit)
    return f'{name} error {error} after {timedelta(seconds=round(result.seconds or 0))}'


def print_status(plans: Mapping[Path, Sequence[Run]], size: int) -> None:
    """Print the picture of each recipe's runs once.

    Args:
        plans: runs by their recipe's folder, from `planned_runs`.
        size: networks of the population.
    """
    console = Console(highlight=False)
    for number, (folder, runs) in enumerate(plans.items()):
        if number:
            console.print()
        standing = Watch(tuple(runs)).look()
        console.print(standing_table(str(folder), standing, causes=None))
        if standing.best is not None:
            console.print(EDFPicture(standing.errors, standing.best.unit))
        planned = len({run.network.name for run in runs})
        if planned < size:
            verb = 'is' if planned == 1 else 'are'
            console.print(
                f'{planned:,} of the {counted(size, "network")} that were sampled {verb} to be '
                'trained'
            )


def watch_status(plans: Mapping[Path, Sequence[Run]], patience: float = STALE) -> None:
    """Show the picture of each recipe's runs for as long as they go on.

    It ends when all runs ended, when nobody goes on with them, or when it is interrupted.

    Args:
        plans: runs by their recipe's folder, from `planned_runs`.
        patience: seconds in which nothing was running and nothing ended, after which it ends.
            Default: as long as it takes until a worker of another machine counts as gone.
    """
    watches = {str(folder): Watch(tuple(runs)) for folder, runs in plans.items()}
    with _watching(watches) as show:
        ended_before: int | None = None
        last_sign_of_life = time.monotonic()
        for watch in watches.values():
            watch.look()
        while True:
            standings = {name: watch.glance() for name, watch in watches.items()}
            show(standings)
            ended = sum(standing.ended for standing in standings.values())
            left = sum(standing.total for standing in standings.values()) - ended
            if ended != ended_before or any(standing.running for standing in standings.values()):
                last_sign_of_life = time.monotonic()
            ended_before = ended
            if not left or time.monotonic() - last_sign_of_life > patience:
                break
            time.sleep(min(_STATUS_EVERY, patience))
    if left:
        say(
            f'nobody trained here for {timedelta(seconds=round(patience))}: {counted(left, "run")} '
            'left, which tools/train_population.py goes on with'
        )


@contextmanager
def _watching(names: Iterable[str]) -> Iterator[Callable[[Mapping[str, Standing]], None]]:
    """Give a function that is told the `Standing` of each recipe, and shows them.

    Args:
        names: folders of the recipes' runs.
    """
    console = Console(highlight=False)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=1) as live:
            yield lambda standings: live.update(
                Group(*(standing_table(name, standing) for name, standing in standings.items()))
            )
        return
    lines = {name: _Lines(f'{Path(name).name}: ') for name in names}

    def show(standings: Mapping[str, Standing]) -> None:
        for name, standing in standings.items():
            lines[name](standing)

    yield show
