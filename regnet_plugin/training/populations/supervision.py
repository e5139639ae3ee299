"""Training a population: workers are started, and watched until every run has a result."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.wording import counted
from regnet_plugin.files import is_there
from regnet_plugin.population.runs.attempts import Attempt
from regnet_plugin.population.runs.layout import CONFIG
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.removal import is_linked
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.runs.standing import Standing, Watch
from regnet_plugin.training.populations.launcher import Launcher
from regnet_plugin.training.populations.run_configs import RunConfigs

_STANDING_EVERY = 1.0  # seconds between two looks at how far the runs are


def train_population(work: Work, launcher: Launcher, show: Callable[[Standing], None]) -> Standing:
    """Train runs until each has a result.

    What others are at is waited for, and gone on with if they let it go.

    Args:
        work: what to train.
        launcher: that starts workers.
        show: told how far it is, as far as one has seen, about once a second.

    Returns:
        how it stands at the end.

    Raises:
        UserError: what keeps the workers from going on, such as a full disk.
        KeyboardInterrupt: if it was interrupted; what was being trained is gone on with by the next
            call.
    """
    watch = Watch(work.runs)
    watch.look()
    with _terminated_like_interrupted():
        try:
            while True:
                launcher.start(work)
                while launcher.alive():
                    show(watch.glance())
                    time.sleep(_STANDING_EVERY)
                launcher.stop()
                standing = _when_nobody_trains(watch, show)
                if not standing.waiting:
                    return standing
        finally:
            launcher.stop()


def _when_nobody_trains(watch: Watch, show: Callable[[Standing], None]) -> Standing:
    """Wait until all runs ended, or one may be taken; return how it stands then.

    Others may be at the last runs, or a machine that went down and is not yet taken for it.
    """
    standing = watch.look()
    show(standing)
    while standing.running and not standing.waiting:
        time.sleep(_STANDING_EVERY)
        standing = watch.glance()
        show(standing)
    return standing


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM, which Slurm and others send, end things as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def told_at_the_end(standing: Standing, folder: Path) -> list[str]:
    """Return lines about what a training came to.

    They name the failures, how many runs were trained, and what may be done about the failures.

    Args:
        standing: at the end.
        folder: of the runs.
    """
    lines = [
        f'failed: {result.network}-{result.seed}, {result.reason}: {result.message}'
        for result in standing.failed
    ]
    lines.append(
        f'{len(standing.done)} of {counted(standing.total, standing.noun)} trained: {folder}'
    )
    if standing.failed:
        lines.append('when the cause of the failures is gone: the same command with --retry-failed')
    return lines


def make_ready(runs: Sequence[Run], retry_failed: bool = False) -> list[str]:
    """Put out of the way what keeps runs from being trained; return what a person should know.

    Args:
        runs: to be trained.
        retry_failed: forget failures. Default: False.

    Returns:
        notes, such as of results that were broken.

    Raises:
        UserError: if the folder of a run is a link: checkpoints that others may have there would be
            replaced.
        OSError: naming what cannot be read now.
    """
    for run in runs:
        if run.folder.is_symlink() and not run.ended:
            raise UserError(
                f'a run must be trained in a folder of its own, but {run.folder} is a link'
            )
    notes = _forget_results(runs, retry_failed)
    running = Watch(tuple(runs)).look().running
    notes += _notes_on_others([attempt for _, attempt, _ in running])
    linked = [run.folder for run in runs if is_linked(run.folder)]
    if linked:
        notes.append(
            f'checkpoints of {counted(len(linked), "run")} stay: nothing is deleted through a '
            f'link, and {linked[0]} is one, or in one'
        )
    held = {run.name for run, _, _ in running}
    return notes + _renew_configs([run for run in runs if not run.ended and run.name not in held])


def _forget_results(runs: Sequence[Run], retry_failed: bool) -> list[str]:
    """Put broken results aside, and remove those of failures if that is wanted; return notes."""
    notes = []
    for run in runs:
        if not run.ended:
            continue
        broken = run.forget_broken_result()
        if broken:
            notes.append(f'{broken}; it was put aside, and the run is trained again')
        elif retry_failed:
            run.forget_failure()
    return notes


def _notes_on_others(attempts: Sequence[Attempt]) -> list[str]:
    """Say who else trains here, or may, by the attempts that are not over."""
    notes = []
    others = sorted({attempt.where for attempt in attempts if not attempt.in_doubt})
    if others:
        notes.append(f'others are training here too, the work is shared: {"; ".join(others)}')
    doubtful = sorted({attempt.where for attempt in attempts if attempt.in_doubt})
    if doubtful:
        notes.append(
            'others may be training here too, or were killed, which is known after two minutes of '
            'watching: ' + '; '.join(doubtful)
        )
    return notes


def _renew_configs(runs: Sequence[Run]) -> list[str]:
    """Write configs anew that are not those of recipe and network; return notes about them."""
    begun = [run for run in runs if is_there(run.folder / CONFIG)]
    if not begun:
        return []
    configs = RunConfigs(runs[0].folder.parent)
    notes = []
    for run in begun:
        with suppress(UserError):  # recipe and network do not fit, which its worker says
            note = configs.renew(run)
            if note:
                notes.append(note)
    return notes
