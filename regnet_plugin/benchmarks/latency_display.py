"""What tools/measure_latency.py says: of the machine, of how far it is, and of what it measured."""

import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from regnet_plugin.benchmarks import latency_measurement
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.latency_file import Latency

_BUSY = 0.5  # load of the last minute, in cores: more of it disturbs the measuring
# Seconds over which the bar estimates its speed: groups of networks take minutes each.
_SPEED_PERIOD = 600


def load_note() -> str | None:
    """What a person should know of a machine that is busy; None if it is not."""
    load = os.getloadavg()[0]
    if load <= _BUSY:
        return None
    return f'the load of this machine was {load:.1f} in the last minute: see the spread'


@contextmanager
def latency_progress() -> Iterator[latency_measurement.Progress]:
    """Give a function for ``progress`` of `measure_latencies`: a bar with the time that is left."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn('ETA'),
        TimeRemainingColumn(),
        speed_estimate_period=_SPEED_PERIOD,
        console=console,
        disable=not console.is_terminal,
    )
    task = bar.add_task('', total=1.0, visible=False)

    def tell(done: int, total: int, fraction: float) -> None:
        description = f'{done} of {total} networks'
        bar.update(task, completed=fraction, visible=True, description=description)

    with bar:
        yield tell


def latency_summary(latencies: Sequence[Latency]) -> str:
    """Say in some lines what was measured: where, the range of the times, and how noisy they are.

    Args:
        latencies: at least one, of one device, batch and number of threads.
    """
    first = latencies[0]
    networks = counted(len(latencies), 'network')
    threads = f', {counted(first.threads, "thread")}' if first.threads else ''
    lines = [f'{networks}, batches of {first.batch} on {first.device}{threads}']
    for kind in latency_measurement.STEPS:
        seconds = [getattr(latency, kind) for latency in latencies]
        spreads = [getattr(latency, f'{kind}_spread') for latency in latencies]
        measured = [value for value in seconds if value is not None]
        if measured:
            spread = statistics.median(
                spread for spread, value in zip(spreads, seconds) if value is not None
            )
            fastest, slowest = 1000 * min(measured), 1000 * max(measured)
            lines.append(f'{kind}: {fastest:.1f} to {slowest:.1f} ms, spread {spread:.1%}')
        if len(measured) < len(latencies):
            lacking = counted(len(latencies) - len(measured), 'network')
            lines.append(f'{kind}: {_why_not(first.batch)} for {lacking}')
    return '\n'.join(lines)


def _why_not(batch: int) -> str:
    """Why a step cannot be done with so many images."""
    if batch > 1:
        return 'out of memory'
    return 'out of memory, or one image is too few for maps of 1x1,'
