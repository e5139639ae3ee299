"""How far a population's training is, as one line of text and as a picture for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from regnet_plugin.cli.printing import printable
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.runs.attempts import Attempt
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.runs.standing import Standing, networks_per_hour

# What a picture shows at most, so that it fits into a terminal of some 24 lines.
_MOST_RUNNING = 12  # runs being trained
_LAST_CAUSES = 3  # of failures
_MOST_NAMES = 4  # of runs that failed of one cause


def error_in_words(error: float | None, unit: str = PERCENT) -> str:
    """Return an error with its unit, such as '5.10%'; 'unknown' for None.

    A metric in its own unit has four digits.
    """
    if error is None:
        return 'unknown'
    return f'{error:.2f}%' if unit == PERCENT else f'{error:.4g}'


def standing_line(standing: Standing, since: float | None = None) -> str:
    """Return one line about how far the runs are.

    It says how many are done, running and failed, the best error so far, networks per hour and
    the time left.

    Args:
        standing: of the runs.
        since: from when on the rate is counted, see `networks_per_hour`.
    """
    parts = [
        f'{standing.ended} of {standing.total} ended',
        f'{len(standing.running)} running',
    ]
    begun = sum(fraction > 0 for _, fraction in standing.waiting)
    for amount, name in (
        (len(standing.failed), 'failed'),
        (begun, 'interrupted'),
        (len(standing.waiting) - begun, 'not started'),
    ):
        if amount:
            parts.append(f'{amount} {name}')
    best = standing.best
    if best is not None:
        error = error_in_words(best.last_error, best.unit)
        parts.append(f'best error {error} ({best.network}-{best.seed})')
    rate = networks_per_hour((*standing.done, *standing.failed), since)
    if rate and standing.running:
        parts.append(f'{rate:.0f} {standing.noun}s/h')
    if standing.seconds_left is not None and standing.ended < standing.total:
        parts.append(f'ETA {timedelta(seconds=round(standing.seconds_left))}')
    return ', '.join(parts)


def standing_table(
    folder: str, standing: Standing, since: float | None = None, causes: int | None = _LAST_CAUSES
) -> Group:
    """Return the picture of how far the runs of a recipe are.

    It shows the recipe, how many ended, the runs being trained, the failures.

    Args:
        folder: of the runs.
        standing: of the runs.
        since: see `networks_per_hour`.
        causes: of failures that are shown, the last ones; None is all. Default: 3.
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
    parts: list[RenderableType] = [title, Text(printable(standing_line(standing, since))), bar]
    if standing.running:
        parts.append(_running_table(standing.running))
    return Group(*parts, *_failure_paragraphs(standing.failed, causes))


def _running_table(running: Sequence[tuple[Run, Attempt, float]]) -> Table:
    """A row for each run that is being trained: its name, how far it is, and where."""
    table = Table.grid(padding=(0, 2))
    for run, attempt, fraction in running[:_MOST_RUNNING]:
        place = printable(attempt.where)
        if attempt.in_doubt:
            place += ', no sign of life yet'
        bar = ProgressBar(total=1.0, completed=fraction, width=24)
        table.add_row(run.name, bar, f'{fraction:.0%}', Text(place))
    if len(running) > _MOST_RUNNING:
        table.add_row('…', '', '', f'{len(running) - _MOST_RUNNING} more')
    return table


def _failure_paragraphs(failed: Sequence[Result], causes: int | None) -> Iterator[Text]:
    """Yield a paragraph for each cause, the last one at the end; then how many more failed."""
    names_by_cause: dict[tuple[str | None, str], list[str]] = {}
    for result in failed:
        names = names_by_cause.setdefault((result.reason, result.message), [])
        names.append(f'{result.network}-{result.seed}')
    named = list(names_by_cause.items())
    shown = named if causes is None else named[-causes:]
    for (reason, message), names in shown:
        more = f' and {len(names) - _MOST_NAMES} more' if len(names) > _MOST_NAMES else ''
        text = printable(f'{", ".join(names[:_MOST_NAMES])}{more} failed, {reason}: {message}')
        yield Text(text, style='red', overflow='fold')
    others = len(failed) - sum(len(names) for _, names in shown)
    if others:
        yield Text(f'{others} more failed', style='red')
