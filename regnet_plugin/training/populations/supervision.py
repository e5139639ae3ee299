"""Training a population: workers are started, and watched until every run has a result."""

import signal
import time
from contextlib import contextmanager, suppress

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.wording import counted
from regnet_plugin.files import is_there
from regnet_plugin.population.run_layout import CONFIG
from regnet_plugin.population.runs.removal import is_linked
from regnet_plugin.population.standing import Watch
from regnet_plugin.training.populations.run_configs import RunConfigs

_LOOK_EVERY = 1.0  # seconds


def train_population(work, launcher, show):
    """Train runs until each has a result; what others are at is waited for, and gone on with if
    they let it go.

    Args:
        work (Work): what to train.
        launcher: with ``start(work)``, ``alive()`` and ``stop()``: `LocalLauncher`, `RayLauncher`
            or `SlurmLauncher`.
        show (Callable[[Standing], None]): told how far it is, about once a second.

    Returns:
        Standing: at the end.

    Raises:
        UserError: what keeps the workers from going on, such as a full disk.
        KeyboardInterrupt: if it was interrupted; what was being trained is gone on with by the next
            call.
    """
    watch = Watch(work.runs)
    with _terminated_like_interrupted():
        try:
            while True:
                launcher.start(work)
                while launcher.alive():
                    show(watch.look())
                    time.sleep(_LOOK_EVERY)
                launcher.stop()
                standing = _when_nobody_trains(watch, show)
                if not standing.waiting:
                    return standing
        finally:
            launcher.stop()


def _when_nobody_trains(watch, show):
    """Others may be at the last runs, or a machine that went down and is not yet taken for it."""
    while True:
        standing = watch.look()
        show(standing)
        if standing.waiting or not standing.running:
            return standing
        time.sleep(_LOOK_EVERY)


def told_at_the_end(standing, folder):
    """Return lines about what a training came to: failures, how many were trained, what may be done
    about the failures.

    Args:
        standing (Standing): at the end.
        folder (Path): of the runs.
    """
    lines = [
        f'failed: {result.network}-{result.seed}, {result.reason}: {result.message}'
        for result in standing.failed
    ]
    lines += [f'{len(standing.done)} of {counted(standing.total, standing.noun)} trained: {folder}']
    if standing.failed:
        lines += ['when the cause of the failures is gone: the same command with --retry-failed']
    return lines


@contextmanager
def _terminated_like_interrupted():
    """SIGTERM, which Slurm and others send, ends things as Ctrl-C does."""

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def make_ready(runs, retry_failed=False):
    """Put out of the way what keeps runs from being trained; return what a person should know.

    Args:
        runs (Sequence[Run]): to be trained.
        retry_failed (bool): forget failures. Default: False.

    Returns:
        list[str]: notes, such as of results that were broken.

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
    notes = []
    for run in runs:
        if run.ended:
            broken = run.forget_broken_result()
            if broken:
                notes.append(f'{broken}; it was put aside, and the run is trained again')
            elif retry_failed:
                run.forget_failure()
    running = Watch(tuple(runs)).look().running
    others = sorted({attempt.where for _, attempt, _ in running if not attempt.in_doubt})
    if others:
        notes.append(f'others are training here too, the work is shared: {"; ".join(others)}')
    doubtful = sorted({attempt.where for _, attempt, _ in running if attempt.in_doubt})
    if doubtful:
        notes.append(
            'others may be training here too, or were killed, which is known after two minutes of '
            'watching: ' + '; '.join(doubtful)
        )
    linked = [run.folder for run in runs if is_linked(run.folder)]
    if linked:
        notes.append(
            f'checkpoints of {counted(len(linked), "run")} stay: nothing is deleted through a '
            'link, and '
            f'{linked[0]} is one, or in one'
        )
    held = {run.name for run, *_ in running}
    return notes + _renewed([run for run in runs if not run.ended and run.name not in held])


def _renewed(runs):
    """Write configs anew that are not those of recipe and network; return notes about them."""
    there = [run for run in runs if is_there(run.folder / CONFIG)]
    configs = RunConfigs(runs[0].folder.parent) if there else None
    notes = []
    for run in there:
        with suppress(UserError):  # recipe and network do not fit, which its worker says
            notes.append(configs.renew(run))
    return list(filter(None, notes))
