"""Machines and processes, told apart by what no later one has."""

import errno
import os
import socket
from functools import cache
from pathlib import Path


@cache
def machine() -> str:
    """Return a name of this machine, as processes see it: of two containers none is the other's."""
    try:
        boot = Path('/proc/sys/kernel/random/boot_id').read_text().strip()
        return f'{boot} {os.readlink("/proc/self/ns/pid")}'
    except OSError as error:
        # anything else, such as too many open files, says nothing about the machine
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM):
            raise
        return socket.gethostname()


def started(pid: int) -> str | None:
    """Return when a process was started, in a form that tells it from a later one of its number.

    Returns:
        None if the process is gone. '' where no more can be known than that there is one: without
        /proc, or with one that hides other users' processes.
    """
    if pid < 1:  # to the system these are groups of processes
        return None
    try:
        # after the name in parentheses, which may hold blanks: the state first, the start 20th
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        is_dead = fields[0] in 'ZX'
        return None if is_dead else fields[19]
    except OSError as error:
        # anything else, such as too many open files, says nothing about the process
        if error.errno not in (errno.ENOENT, errno.ESRCH, errno.EACCES, errno.ENAMETOOLONG):
            raise
    try:
        os.kill(pid, 0)
    except PermissionError:  # another user's
        pass
    except (ProcessLookupError, OverflowError):
        return None
    return ''
