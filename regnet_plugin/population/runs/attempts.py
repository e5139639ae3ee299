"""Who trains a run: numbered attempts, each a file that one process alone can make.

An attempt is made before its training starts, so it is counted whatever happens. It is over when it
is marked so, when its process is gone, or, for a process of another machine, when its file did not
change for two minutes while this process watched: whatever times the clocks of machines and file
servers tell.

No lock is ever taken away: the next attempt has the next number, and of several processes that want
it one gets it, on NFS too.
"""

import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, TypeGuard

from regnet_plugin.files import create, is_there, names_in, read_object, replace
from regnet_plugin.population.runs.processes import machine, started

# Seconds between touches of an attempt's file by the process that is at it.
BEAT = 10.0
# Seconds of watching without a touch, after which a process of another machine counts as gone:
# twelve beats, more than the caches of NFS and a busy disk delay one.
STALE = 120.0
# Ends that are not the network's fault.
UNCOUNTED = ('finished', 'interrupted', 'no space', 'superseded')
# Environment variables that a worker's processes inherit: the worker's token, and how many seconds
# may pass between two words of a training about how far it is.
TOKEN = 'REGNET_PLUGIN_WORKER'
TELL_EVERY = 'REGNET_PLUGIN_TELL_EVERY'

# What an attempt counts as a vain try whose worker is gone, too: see `Attempt.weight`.
_WEIGHT_OF_GONE_WORKER = 0.25
_NAME = re.compile(r'attempt-(?P<number>[1-9][0-9]*)\.json')


class AttemptValues(TypedDict, total=False):
    """What the file of an attempt says; one of a machine that broke down may say less.

    Attributes:
        machine: of the process, see `machine`.
        host: name of the machine, for people.
        program: name of the process's program.
        pid: number of the process.
        started: when it was started, see `started`.
        token: of its worker, see `kill_leftovers`.
        checkpoint: name of the one that the training went on from; None for a new one.
        ended: how it ended: 'finished', 'interrupted', or a reason of a failure. None or missing:
            it has not, or its process is gone.
        said: what was said of its end.
    """

    machine: str
    host: str
    program: str
    pid: int
    started: str
    token: str
    checkpoint: str | None
    ended: str | None
    said: str


# Entries without which an attempt says too little, and what they may be.
_KINDS: dict[str, tuple[type, ...]] = dict(
    machine=(str,),
    host=(str,),
    pid=(int,),
    started=(str,),
    token=(str,),
    checkpoint=(str, type(None)),
    ended=(str, type(None)),
)


def kill_leftovers(token: str) -> None:
    """Kill what a gone worker left running on this machine.

    Args:
        token: of the worker; its processes have it in their environment.
    """
    variable = f'{TOKEN}={token}'.encode()
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if variable in (folder / 'environ').read_bytes().split(b'\0'):
                os.kill(int(folder.name), signal.SIGKILL)
        # it is gone, or another user's
        except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
            continue


@dataclass(frozen=True)
class _Sight:
    """How this process saw an attempt's file last.

    Attributes:
        stamp: what each touch changes: time, inode and size.
        since: when it was seen so first, by the monotonic clock.
        changed: whether it was seen otherwise before.
    """

    stamp: tuple[int, ...]
    since: float
    changed: bool


# By path: all watchers of a process know what each of them saw.
_SIGHTS: dict[str, _Sight] = {}


@dataclass(frozen=True)
class Attempt:
    """One try to train a run.

    Attributes:
        path: ``attempt-<number>.json`` in the run's folder.
        values: what it says.
    """

    path: Path
    values: AttemptValues

    @property
    def number(self) -> int:
        """Its place among the attempts at the run, from 1."""
        return int(self.path.stem.removeprefix('attempt-'))

    @property
    def where(self) -> str:
        """The machine, and the process that watches over the training, or trains by itself."""
        program = self.values.get('program') or 'process'
        return f'{self.values.get("host")}, {program} {self.values.get("pid")}'

    @property
    def ended(self) -> str | None:
        """How it ended; None if that is not marked."""
        return self.values.get('ended')

    @property
    def said(self) -> str | None:
        """What was said of its end, such as which signal killed it; None if nothing was."""
        said = self.values.get('said')
        return said if isinstance(said, str) else None

    @property
    def weight(self) -> float:
        """What it counts as a vain try.

        A whole one if the training died while its worker watched. A quarter if the worker itself is
        gone: the network may have taken it down, but more likely something else did.
        """
        if self.ended in UNCOUNTED:
            return 0.0
        return _WEIGHT_OF_GONE_WORKER if self.ended is None else 1.0

    @property
    def here(self) -> bool:
        """Whether it is an attempt of this machine."""
        return self.values.get('machine') == machine()

    @property
    def over(self) -> bool:
        """Whether nobody works at it any more."""
        if self.ended is not None:
            return True
        if self.here:
            # '': there is a process of this number, and no more can be known
            return started(self.values['pid']) not in ('', self.values['started'])
        sight = self._sight
        return sight is None or time.monotonic() - sight.since > STALE

    @property
    def in_doubt(self) -> bool:
        """Whether this process has not watched for long enough to know if it is over.

        Of another machine's attempt it has seen neither a change, nor that there was none for two
        minutes.
        """
        if self.over or self.here:
            return False
        sight = _SIGHTS.get(self._key)  # `over` has just looked
        return sight is not None and not sight.changed

    @property
    def _sight(self) -> _Sight | None:
        """How the file is seen now; None if somebody removed it."""
        try:
            file = os.stat(self.path)
        except FileNotFoundError:
            return None
        stamp = (file.st_mtime_ns, file.st_ino, file.st_size)
        before = _SIGHTS.get(self._key)
        if before is None or before.stamp != stamp:
            _SIGHTS[self._key] = _Sight(stamp, time.monotonic(), changed=before is not None)
        return _SIGHTS[self._key]

    @property
    def _key(self) -> str:
        """What its sight is kept by."""
        return os.path.abspath(self.path)

    @property
    def superseded(self) -> bool:
        """Whether others took this one for over and went on."""
        return is_there(self.path.with_name(_file_name(self.number + 1)))

    @property
    def removed(self) -> bool:
        """Whether somebody removed it, with all of its run perhaps."""
        return not is_there(self.path)

    def touch(self) -> bool:
        """Show that somebody is at it, see `BEAT`; return whether it is still there."""
        try:
            os.utime(self.path)
        except FileNotFoundError:
            return False
        return True

    def end(self, how: str, said: str = '') -> None:
        """Mark the end.

        Args:
            how: it ended, see `AttemptValues`.
            said: of that, if anything.
        """
        values = {**self.values, 'ended': how}
        if said:
            values['said'] = said
        replace(self.path, json.dumps(values) + '\n')


def _file_name(number: int) -> str:
    return f'attempt-{number}.json'


def attempts_of(folder: str | Path) -> list[Attempt]:
    """Read the attempts at a run, in order; files of other names are none.

    One that does not say what an attempt says is that of a machine that broke down: it is over.

    Args:
        folder: of the run.

    Raises:
        OSError: naming what cannot be read now; nothing follows from that.
    """
    attempts = [_read(Path(folder, name)) for name in _numbered(names_in(folder))]
    return [attempt for attempt in attempts if attempt is not None]


def last_attempt(folder: str | Path, names: Iterable[str]) -> Attempt | None:
    """Read the last one of the attempts at a run; None if there is none.

    Args:
        folder: of the run.
        names: of what is in it, see `regnet_plugin.files.names_in`.

    Raises:
        OSError: naming what cannot be read now.
    """
    numbered = _numbered(names)
    return _read(Path(folder, numbered[-1])) if numbered else None


def was_tried(folder: str | Path) -> bool:
    """Whether a run was ever taken, by the one look that this costs.

    Raises:
        OSError: if that cannot be known now.
    """
    return is_there(Path(folder, _file_name(1)))


def _numbered(names: Iterable[str]) -> list[str]:
    """Those of the names that attempts have, by their numbers."""
    matches = [match for match in map(_NAME.fullmatch, names) if match is not None]
    return [match[0] for match in sorted(matches, key=lambda match: int(match['number']))]


def _read(path: Path) -> Attempt | None:
    """Read an attempt; None if it was removed meanwhile."""
    try:
        values = read_object(path)
    except FileNotFoundError:
        return None
    except ValueError:
        values = {}
    return Attempt(path, values if _is_whole(values) else {'ended': 'killed'})


def _is_whole(values: dict[str, Any]) -> TypeGuard[AttemptValues]:
    """Whether a file says what an attempt says."""
    return all(isinstance(values.get(name), kinds) for name, kinds in _KINDS.items())


def is_held(folder: str | Path) -> bool:
    """Whether somebody trains a run, as far as one can see now.

    An attempt of another machine that has not been watched for long counts as held, though its
    process may be gone.

    Raises:
        OSError: naming what cannot be read now.
    """
    attempts = attempts_of(folder)
    return bool(attempts) and not attempts[-1].over


def watch_until_known(
    folders: Iterable[Path], say: Callable[[str], None] = lambda note: None
) -> None:
    """Watch runs until it is known of each whether somebody is at it.

    It takes two minutes at most, where other machines were.

    Args:
        folders: of the runs.
        say: told for whom one waits, if one must. By default nobody is.
    """
    doubtful = _in_doubt(folders)
    if doubtful:
        say(f'watching for {STALE:.0f} s at most whether {doubtful[0].where} still trains')
    while doubtful:
        time.sleep(min(BEAT / 2, STALE / 4))  # a quarter, for tests in which it is short
        doubtful = _in_doubt(attempt.path.parent for attempt in doubtful)


def _in_doubt(folders: Iterable[Path]) -> list[Attempt]:
    """The last attempts at runs of which it is not known whether somebody is at them."""
    last = [attempt for folder in folders for attempt in attempts_of(folder)[-1:]]
    return [attempt for attempt in last if attempt.in_doubt]


def tries(attempts: Sequence[Attempt], checkpoint: str | None) -> float:
    """Count how often in a row, up to now, a run was tried from this checkpoint in vain.

    Args:
        attempts: at the run, in order.
        checkpoint: name of the one that the run would go on from now; None for a new training.

    Returns:
        The sum of their weights, see `Attempt.weight`.
    """
    count = 0.0
    for attempt in reversed(attempts):
        if attempt.values.get('checkpoint') != checkpoint:
            break
        count += attempt.weight
    return count


def begin_attempt(folder: str | Path, checkpoint: str | None, token: str) -> Attempt | None:
    """Take a run, if nobody is at it.

    What a worker of this machine left running, that is gone itself, is killed.

    Args:
        folder: of the run; it is there.
        checkpoint: name of the one that the training goes on from; None for a new one.
        token: of this worker, see `kill_leftovers`.

    Returns:
        None if another process has it.

    Raises:
        OSError: naming what cannot be read or written now.
    """
    attempts = attempts_of(folder)
    last = attempts[-1] if attempts else None
    if last is not None and not last.over:
        return None
    if last is not None and last.ended is None and last.here:
        kill_leftovers(last.values['token'])
    number = 1 if last is None else last.number + 1
    values: AttemptValues = dict(
        machine=machine(),
        host=socket.gethostname(),
        program=Path(sys.argv[0]).name,
        pid=os.getpid(),
        started=started(os.getpid()) or '',
        token=token,
        checkpoint=checkpoint,
    )
    path = Path(folder, _file_name(number))
    return Attempt(path, values) if create(path, json.dumps(values) + '\n') else None
