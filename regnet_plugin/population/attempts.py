"""Who trains a run: numbered attempts, each a file that one process alone can make.

An attempt is made before its training starts, so it is counted whatever happens, and is over when
it is marked so, when its process is gone, or, for a process of another machine, when its file did
not change for two minutes while this process watched: whatever times the clocks of machines and
file servers tell. No lock is ever taken away: the next attempt has the next number, and of several
processes that want it one gets it, on NFS too.
"""

import errno
import json
import os
import re
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Optional, Tuple

from regnet_plugin.files import create, is_there, names_in, read_object, replace

BEAT = 10.0  # seconds between touches
# seconds of watching without one, after which a process of another machine counts as gone
STALE = 120.0
# ends that are not the network's fault
UNCOUNTED = ('finished', 'interrupted', 'no space', 'superseded')
_NAME = re.compile(r'attempt-([1-9][0-9]*)\.json')
_KINDS = dict(
    machine=str,
    host=str,
    pid=int,
    started=str,
    token=str,
    checkpoint=(str, type(None)),
    ended=(str, type(None)),
)
TOKEN = 'REGNET_PLUGIN_WORKER'  # variable that a worker's processes inherit


@cache
def _machine():
    """This machine, as processes on it see it: containers do not see each other's."""
    try:
        boot = Path('/proc/sys/kernel/random/boot_id').read_text().strip()
        return f'{boot} {os.readlink("/proc/self/ns/pid")}'
    except OSError as error:
        # such as too many open files
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM):
            raise
        return socket.gethostname()


def _started(pid):
    """When a process was started, in a form that tells it from a later one of the same number; None
    if it is gone, and '' where no more can be known than that there is one: without /proc, or with
    one that hides other users' processes.
    """
    if pid < 1:  # groups, to the system
        return None
    try:
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        return None if fields[0] in 'ZX' else fields[19]
    except OSError as error:
        # such as too many open files
        if error.errno not in (errno.ENOENT, errno.ESRCH, errno.EACCES, errno.ENAMETOOLONG):
            raise
    try:
        os.kill(pid, 0)
    except PermissionError:  # another user's
        pass
    except (ProcessLookupError, OverflowError):
        return None
    return ''


def kill_leftovers(token):
    """Kill what a gone worker left running on this machine: its processes have the token in their
    environment.
    """
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if f'{TOKEN}={token}'.encode() in (folder / 'environ').read_bytes().split(b'\0'):
                os.kill(int(folder.name), signal.SIGKILL)
        except (
            FileNotFoundError,
            ProcessLookupError,
            PermissionError,
            ValueError,
        ):  # gone, or another user's
            continue


@dataclass(frozen=True)
class _Sight:
    """How this process saw an attempt's file last.

    Attributes:
        stamp (tuple[int]): what each touch changes.
        since (float): when it was seen so first, by the monotonic clock.
        changed (bool): whether it was seen otherwise before.
    """

    stamp: Tuple[int, ...]
    since: float
    changed: bool


_SIGHTS = {}  # by path: all watchers of a process know what each of them saw


@dataclass(frozen=True)
class Attempt:
    """One try to train a run.

    Attributes:
        path (Path): ``attempt-<number>.json`` in the run's folder.
        values (dict): who: machine, host, program, pid, started, token; from which checkpoint; and,
            at its end, how it ended, and what was said of that.
    """

    path: Path
    values: dict

    @property
    def number(self):
        return int(_NAME.fullmatch(self.path.name)[1])

    @property
    def where(self):
        """The machine, and the process that watches over the training, or trains by itself."""
        return f'{self.values.get("host")}, {self.values.get("program") or "process"} {self.values.get("pid")}'

    @property
    def ended(self):
        return self.values.get('ended')

    @property
    def said(self) -> Optional[str]:
        """What was said of its end, such as which signal killed it; None if nothing was."""
        said = self.values.get('said')
        return said if isinstance(said, str) else None

    @property
    def weight(self):
        """What it counts as a vain try: a whole one if the training died while its worker watched,
        a quarter if the worker itself is gone, whom the network may have taken down, but more
        likely something else did.
        """
        return 0.0 if self.ended in UNCOUNTED else 0.25 if self.ended is None else 1.0

    @property
    def here(self):
        """Whether it is an attempt of this machine."""
        return self.values.get('machine') == _machine()

    @property
    def over(self):
        """Whether nobody works at it any more."""
        if self.ended is not None:
            return True
        if self.here:
            return _started(self.values['pid']) not in ('', self.values['started'])
        sight = self._sight
        return sight is None or time.monotonic() - sight.since > STALE

    @property
    def in_doubt(self):
        """Whether this process has not watched for long enough to know if it is over: of another
        machine's attempt it has seen neither a change nor that there was none for two minutes.
        """
        if self.over or self.here:
            return False
        sight = self._sight
        return sight is not None and not sight.changed

    @property
    def _sight(self):
        """How the file is seen now; None if somebody removed it."""
        try:
            file = os.stat(self.path)
        except FileNotFoundError:
            return None
        path, stamp = os.path.abspath(self.path), (file.st_mtime_ns, file.st_ino, file.st_size)
        before = _SIGHTS.get(path)
        if before is None or before.stamp != stamp:
            _SIGHTS[path] = _Sight(stamp, time.monotonic(), before is not None)
        return _SIGHTS[path]

    @property
    def superseded(self):
        """Whether others took this one for over and went on."""
        return is_there(self.path.with_name(f'attempt-{self.number + 1}.json'))

    @property
    def removed(self):
        """Whether somebody removed it, with all of its run perhaps."""
        return not is_there(self.path)

    def touch(self):
        with suppress(FileNotFoundError):
            os.utime(self.path)

    def end(self, how: str, said: str = '') -> None:
        """Mark the end: 'finished', 'interrupted', or a reason of a failure; and keep what is said
        of it, if anything.
        """
        replace(
            self.path,
            json.dumps({**self.values, 'ended': how, **(dict(said=said) if said else {})}) + '\n',
        )


def attempts_of(folder):
    """Read the attempts at a run, in order; files of other names are none. One that does not say
    what an attempt says is that of a machine that broke down: it is over.

    Raises:
        OSError: naming what cannot be read now; nothing follows from that.
    """
    numbers = {found[0]: int(found[1]) for found in map(_NAME.fullmatch, names_in(folder)) if found}
    attempts = []
    for path in (Path(folder, name) for name in sorted(numbers, key=numbers.get)):
        try:
            values = read_object(path)
        except FileNotFoundError:
            continue
        except ValueError:
            values = {}
        whole = all(isinstance(values.get(name), kinds) for name, kinds in _KINDS.items())
        attempts.append(Attempt(path, values if whole else dict(ended='killed')))
    return attempts


def watch_until_known(folders, say=lambda note: None):
    """Watch runs until it is known of each whether somebody is at it: two minutes at most, where
    other machines were.

    Args:
        folders (Iterable[Path]): of the runs.
        say (Callable[[str], None]): told for whom one waits, if one must. Default: nobody is.
    """
    waited = False
    while doubtful := [
        attempt for folder in folders for attempt in attempts_of(folder)[-1:] if attempt.in_doubt
    ]:
        if not waited:
            say(f'watching for {STALE:.0f} s at most whether {doubtful[0].where} still trains')
        waited = True
        time.sleep(min(1.0, STALE / 4))


def tries(attempts, checkpoint):
    """How often in a row, up to now, a run was tried from this checkpoint in vain, see
    `Attempt.weight`.
    """
    count = 0.0
    for attempt in reversed(attempts):
        if attempt.values.get('checkpoint') != checkpoint:
            break
        count += attempt.weight
    return count


def begin_attempt(folder, checkpoint, token):
    """Take a run, if nobody is at it.

    Args:
        folder (str | Path): of the run; it is there.
        checkpoint (str | None): name of the one that the training goes on from.
        token (str): of this worker, see `kill_leftovers`.

    Returns:
        Attempt | None: None if another process has it.
    """
    attempts = attempts_of(folder)
    if attempts and not attempts[-1].over:
        return None
    if attempts and attempts[-1].ended is None and attempts[-1].values['machine'] == _machine():
        kill_leftovers(attempts[-1].values['token'])  # of a worker that is gone
    number = attempts[-1].number + 1 if attempts else 1
    values = dict(
        machine=_machine(),
        host=socket.gethostname(),
        program=Path(sys.argv[0]).name,
        pid=os.getpid(),
        started=_started(os.getpid()),
        token=token,
        checkpoint=checkpoint,
    )
    path = Path(folder, f'attempt-{number}.json')
    return Attempt(path, values) if create(path, json.dumps(values) + '\n') else None
