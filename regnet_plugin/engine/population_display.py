"""What a person sees while a population is trained: a live table on a terminal, else a line for each run that ended."""
import time
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from regnet_plugin.population.standing import Watch, networks_per_hour

_ROWS = 12  # of runs being trained
_LOOK_EVERY = 2.0  # seconds


@contextmanager
def population_display(name):
    """Give a function that is told the `Standing` again and again, and shows it."""
    console = Console(highlight=False)
    start = time.time()
    if not console.is_terminal:
        yield _Lines(start)
        return
    with Live(console=console, refresh_per_second=4) as live:
        yield lambda standing: live.update(standing_table(name, standing, start))


class _Lines:
    """A line for each run that ended, and one about the others every minute."""

    def __init__(self, start):
        self._start, self._known, self._told = start, None, start

    def __call__(self, standing):
        ended = {(result.network, result.seed): result for result in (*standing.done, *standing.failed)}
        new = [result for key, result in ended.items() if self._known is not None and key not in self._known]
        for result in new:
            print(f'{_end_of(result)} | {summary(standing, self._start)}', flush=True)
        if self._known is None or not new and time.time() - self._told > 60:
            print(summary(standing, self._start), flush=True)
        if self._known is None or new or time.time() - self._told > 60:
            self._told = time.time()
        self._known = set(ended)


def _end_of(result):
    what = f'{result.network}-{result.seed}'
    if result.status == 'failed':
        return f'{what} failed, {result.reason}: {result.message}'
    return f'{what} error {percent(result.last_error)} after {timedelta(seconds=round(result.seconds))}'


def percent(error):
    return 'unknown' if error is None else f'{error:.2f}%'


def summary(standing, since=None):
    """One line: how many are done, running and failed, the best error so far, networks per hour and the time left.

    Args:
        standing (Standing): of the runs.
        since (float, optional): from when on the rate is counted, see `networks_per_hour`.
    """
    parts = [f'{standing.ended} of {standing.total} ended', f'{len(standing.running)} running']
    if standing.failed:
        parts.append(f'{len(standing.failed)} failed')
    if standing.best:
        parts.append(f'best error {percent(standing.best.last_error)} ({standing.best.network}-{standing.best.seed})')
    rate = networks_per_hour((*standing.done, *standing.failed), since)
    if rate:
        parts.append(f'{rate:.0f} networks/h')
    if standing.seconds_left is not None and standing.ended < standing.total:
        parts.append(f'ETA {timedelta(seconds=round(standing.seconds_left))}')
    return ', '.join(parts)


def standing_table(name, standing, since=None):
    """The picture of a `Standing`: a bar, the runs being trained, the failures."""
    table = Table.grid(padding=(0, 2))
    for run, attempt, fraction in standing.running[:_ROWS]:
        place = Text(attempt.where)  # whatever is in a host's name
        table.add_row(run.name, ProgressBar(total=1.0, completed=fraction, width=24), f'{fraction:.0%}', place)
    if len(standing.running) > _ROWS:
        table.add_row('…', '', '', f'{len(standing.running) - _ROWS} more')
    bar = Table.grid(padding=(0, 2))
    bar.add_row(Text(name, style='bold'), ProgressBar(total=standing.total, completed=standing.ended, width=40),
                f'{standing.ended}/{standing.total}')
    failures = [Text(_end_of(result), style='red', overflow='ellipsis', no_wrap=True) for result in standing.failed[-3:]]
    return Group(bar, Text(summary(standing, since)), table, *failures)


def print_status(plans):
    """Print the picture of each recipe's runs once.

    Args:
        plans (dict[Path, tuple[Run]]): from `planned_runs`.
    """
    for folder, runs in plans.items():
        Console(highlight=False).print(standing_table(str(folder), Watch(runs).look()))


def watch_status(plans):
    """Show the picture of each recipe's runs until all ended, or it is interrupted."""
    watches = {str(folder): Watch(runs) for folder, runs in plans.items()}
    with Live(console=Console(highlight=False), refresh_per_second=1) as live:
        while True:
            standings = {name: watch.look() for name, watch in watches.items()}
            live.update(Group(*(standing_table(name, standing) for name, standing in standings.items())))
            if all(standing.ended == standing.total for standing in standings.values()):
                return
            time.sleep(_LOOK_EVERY)
