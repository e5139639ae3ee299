"""The check: the parts that are left, one after the other, and a file that is whole after each."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from regnet_plugin.benchmarks.device import torch_device
from regnet_plugin.benchmarks.gpu_check.form import FORMS, Form
from regnet_plugin.benchmarks.gpu_check.measuring_process import MeasuringProcess
from regnet_plugin.benchmarks.gpu_check.parts import Part, Place, kinds_of_rows, parts_of
from regnet_plugin.benchmarks.gpu_check.record import (
    Check,
    MeasuredPart,
    circumstances_here,
    read_check,
    write_check,
)
from regnet_plugin.cli.errors import UserError
from regnet_plugin.files import alone_at, folder_beside, remove_unfinished

# Told the seconds that are over, of how many, and which part is measured now.
Progress = Callable[[float, float, str], None]


def check_here(
    path: Path,
    tree: Path,
    *,
    afresh: bool,
    progress: Progress,
    say: Callable[[str], None],
) -> Check:
    """Measure on this machine what the file does not have yet.

    Args:
        path: of the file.
        tree: folder with tools/, configs/ and, where it is a clone, tests/.
        afresh: whether what is in the file is measured again.
        progress: told how far it is, now and then.
        say: told what came of each part.

    Returns:
        All that was measured, now and before.

    Raises:
        UserError: if another process is at it, or the file is of another machine or other versions.
        ValueError: if the file is none of this function's.
    """
    form = FORMS[torch_device()]
    path.parent.mkdir(parents=True, exist_ok=True)
    log = path.with_suffix('.log')
    with _alone(log):
        remove_unfinished(path)  # what a kill has left
        check = _begun(path, tree, afresh)
        with folder_beside(path) as scratch:
            place = Place(tree, scratch)
            left = [part for part in parts_of(form, place) if not check.is_done(part)]
            process = MeasuringProcess(torch_device(), place, log)
            try:
                for part, measured in _measured(process, form, left, progress):
                    check = check.with_part(part.name, measured)
                    write_check(path, check)
                    say(told(part, measured))
            finally:
                process.end()
    return check


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """See to it that one process of this machine at a time measures into a place."""
    with ExitStack() as stack:
        try:
            stack.enter_context(alone_at(log))
        except BlockingIOError as error:
            raise UserError(f'one check at a time, but another one writes {log}') from error
        yield


def _begun(path: Path, tree: Path, afresh: bool) -> Check:
    """What was measured before, here and with the same versions.

    Raises:
        UserError: if the file is of something else.
    """
    here = circumstances_here()
    before = None if afresh else read_check(path, kinds_of_rows(tree))
    if before is None:
        return Check(here, {})
    differ = before.circumstances.differences(here)
    if differ:
        raise UserError(
            f'{path} must be of this machine with these versions, but it differs in '
            f'{", ".join(differ)}; --overwrite replaces it, --out names another file'
        )
    return before


def _measured(
    process: MeasuringProcess, form: Form, left: Sequence[Part], progress: Progress
) -> Iterator[tuple[Part, MeasuredPart]]:
    """Measure the parts that are left, as many as the time of one start is enough for."""
    total = form.patience * sum(part.seconds for part in left)
    over = 0.0  # seconds that the parts until now were given
    begun = time.monotonic()
    for number, part in enumerate(left, start=1):
        allowed = form.patience * part.seconds
        seconds = min(allowed, form.seconds - (time.monotonic() - begun))
        if seconds <= 0:
            return
        text = f's at most; part {number} of {len(left)}: {part.name}'
        yield part, process.measure(part, seconds, _telling(progress, over, total, text))
        over += allowed


def _telling(progress: Progress, over: float, total: float, text: str) -> Callable[[float], None]:
    """What is told the seconds that a part has taken, and tells them with those before."""
    return lambda taken: progress(round(over + taken), round(total), text)


def told(part: Part, measured: MeasuredPart) -> str:
    """What a person is told of a part that has ended."""
    because = f': {measured.message}' if measured.message else ''
    return f'{part.name}: {measured.status}, {measured.seconds:.0f} s{because}'


def is_complete(check: Check, tree: Path) -> bool:
    """Whether every part was measured to its end."""
    parts = parts_of(FORMS[check.circumstances.device], Place(tree, tree))
    return all(map(check.is_done, parts))
