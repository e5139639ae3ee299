"""What a person sees while a population is trained: a live table on a terminal, else a line for
each run that ended.
"""

import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from regnet_plugin.cli.printing import printable, say
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.attempts import STALE
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.standing import Watch, networks_per_hour

_ROWS = 12  # of runs being trained
_CAUSES = 3  # of failures, in a picture that changes
_NAMES = 4  # of runs that failed of one cause
_LOOK_EVERY = 2.0  # seconds


@contextmanager
def population_display(name):
    """Give a function that is told the `Standing` again and again, and shows it."""
    console = Console(highlight=False)
    start = time.time()
    if not console.is_terminal:
        yield _Lines(since=start)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda standing: live.update(standing_table(name, standing, start))


class _Lines:
    """A line for each run that ended, and one about the others every minute, or when more or fewer
    are running.

    Args:
        title (str): that lines begin with. Default: none.
        since (float, optional): see `networks_per_hour`.
    """

    def __init__(self, title='', since=None):
        self._title, self._since = title, since
        self._known, self._running, self._told = None, 0, time.monotonic()

    def __call__(self, standing):
        ended = {
            (result.network, result.seed): result for result in (*standing.done, *standing.failed)
        }
        new = [
            result
            for key, result in ended.items()
            if self._known is not None and key not in self._known
        ]
        for result in new:
            self._print(f'{_end_of(result)} | {summary(standing, self._since)}')
        # between two runs a worker has none
        patience = 60 if len(standing.running) == self._running else 5
        if self._known is None or not new and time.monotonic() - self._told > patience:
            self._print(summary(standing, self._since))
            self._running = len(standing.running)
        self._known = set(ended)

    def _print(self, text):
        say(self._title + text)
        self._told = time.monotonic()


def _end_of(result):
    what = f'{result.network}-{result.seed}'
    if result.status == 'failed':
        return f'{what} failed, {result.reason}: {result.message}'
    return f'{what} error {said(result.last_error, result.unit)} after {timedelta(seconds=round(result.seconds or 0))}'


def said(error, unit=PERCENT):
    """An error with its unit; a metric that stands for itself with four digits."""
    return 'unknown' if error is None else f'{error:.2f}%' if unit == PERCENT else f'{error:.4g}'


def summary(standing, since=None):
    """One line: how many are done, running and failed, the best error so far, networks per hour and
    the time left.

    Args:
        standing (Standing): of the runs.
        since (float, optional): from when on the rate is counted, see `networks_per_hour`.
    """
    begun = sum(fraction > 0 for _, fraction in standing.waiting)
    amounts = (
        (len(standing.failed), 'failed'),
        (begun, 'interrupted'),
        (len(standing.waiting) - begun, 'not started'),
    )
    parts = [f'{standing.ended} of {standing.total} ended', f'{len(standing.running)} running']
    parts += [f'{amount} {name}' for amount, name in amounts if amount]
    if standing.best:
        best = standing.best
        parts.append(f'best error {said(best.last_error, best.unit)} ({best.network}-{best.seed})')
    rate = networks_per_hour((*standing.done, *standing.failed), since)
    if rate and standing.running:
        parts.append(f'{rate:.0f} {standing.noun}s/h')
    if standing.seconds_left is not None and standing.ended < standing.total:
        parts.append(f'ETA {timedelta(seconds=round(standing.seconds_left))}')
    return ', '.join(parts)


def standing_table(folder, standing, since=None, causes=_CAUSES):
    """The picture of a `Standing`: the recipe, how many ended, the runs being trained, the
    failures.

    Args:
        folder (str): of the runs.
        standing (Standing): of the runs.
        since (float, optional): see `networks_per_hour`.
        causes (int, optional): of failures that are shown; None is all. Default: 3.
    """
    path = Path(folder)
    title = Text.assemble(
        (printable(path.name), 'bold'),
        '  ',
        (printable(path.parent), 'dim'),
        no_wrap=True,
        overflow='ellipsis',
    )
    bar = Table.grid(padding=(0, 2))
    bar.add_row(
        ProgressBar(total=standing.total, completed=standing.ended, width=40),
        f'{standing.ended}/{standing.total}',
    )
    parts = [title, Text(printable(summary(standing, since))), bar]
    if standing.running:
        parts.append(_running(standing.running))
    return Group(*parts, *_failures(standing.failed, causes))


def _running(running):
    table = Table.grid(padding=(0, 2))
    for run, attempt, fraction in running[:_ROWS]:
        place = Text(
            printable(attempt.where) + (', no sign of life yet' if attempt.in_doubt else '')
        )
        table.add_row(
            run.name, ProgressBar(total=1.0, completed=fraction, width=24), f'{fraction:.0%}', place
        )
    if len(running) > _ROWS:
        table.add_row('…', '', '', f'{len(running) - _ROWS} more')
    return table


def _failures(failed, causes):
    """A paragraph for each cause, the last one at the end."""
    named = {}
    for result in failed:
        named.setdefault((result.reason, result.message), []).append(
            f'{result.network}-{result.seed}'
        )
    shown = list(named.items())[-causes if causes else 0 :]
    for (reason, message), names in shown:
        more = f' and {len(names) - _NAMES} more' if len(names) > _NAMES else ''
        text = printable(f'{", ".join(names[:_NAMES])}{more} failed, {reason}: {message}')
        yield Text(text, style='red', overflow='fold')
    others = sum(map(len, named.values())) - sum(len(names) for _, names in shown)
    if others:
        yield Text(f'{others} more failed', style='red')


def print_status(plans, size):
    """Print the picture of each recipe's runs once.

    Args:
        plans (dict[Path, tuple[Run]]): from `planned_runs`.
        size (int): networks of the population.
    """
    console = Console(highlight=False)
    for number, (folder, runs) in enumerate(plans.items()):
        if number:
            console.print()
        console.print(standing_table(str(folder), Watch(runs).look(), causes=None))
        missing = size - len({run.network.name for run in runs})
        if missing:
            console.print(
                f'{missing} of {counted(size, "network")} {"has" if missing == 1 else "have"} no '
                'run'
            )


def watch_status(plans, patience=STALE):
    """Show the picture of each recipe's runs until all ended, nobody goes on with them, or it is
    interrupted.

    Args:
        plans (dict[Path, tuple[Run]]): from `planned_runs`.
        patience (float): seconds in which nothing was running and nothing ended, after which it
            ends. Default: as long as it takes until a worker of another machine counts as gone.
    """
    watches = {str(folder): Watch(runs) for folder, runs in plans.items()}
    with _watching(watches) as show:
        ended, quiet = None, 0.0
        while True:
            standings = {name: watch.look() for name, watch in watches.items()}
            show(standings)
            left = sum(standing.total - standing.ended for standing in standings.values())
            before, ended = ended, sum(standing.ended for standing in standings.values())
            if ended != before or any(standing.running for standing in standings.values()):
                quiet = time.monotonic()
            if not left or time.monotonic() - quiet > patience:
                break
            time.sleep(min(_LOOK_EVERY, patience))
    if left:
        say(
            f'nobody trained here for {timedelta(seconds=round(patience))}: {counted(left, "run")} '
            'left, which '
            'tools/train_population.py goes on with'
        )


@contextmanager
def _watching(names):
    """Give a function that is told the `Standing` of each recipe, and shows them."""
    console = Console(highlight=False)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=1) as live:
            yield lambda standings: live.update(
                Group(*(standing_table(name, standing) for name, standing in standings.items()))
            )
        return
    lines = {name: _Lines(f'{Path(name).name}: ') for name in names}

    def show(standings):
        for name, standing in standings.items():
            lines[name](standing)

    yield show
