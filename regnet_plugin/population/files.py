"""Writing files that other processes read: all or nothing, whenever a process may be killed."""
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def _part(path, text):
    """Write a text beside its place, under a name that nobody else has."""
    part = path.with_name(f'.{path.name}.{uuid4().hex}')
    try:
        part.write_text(text)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def replace(path, text):
    """Write a file, in place of one that may be there."""
    path = Path(path)
    os.replace(_part(path, text), path)


def create(path, text):
    """Write a file if there is none; of several processes that try, one succeeds, on NFS too.

    Returns:
        bool: whether it was this one.
    """
    path = Path(path)
    part = _part(path, text)
    try:
        os.link(part, path)  # on NFS, unlike opening with O_EXCL of old
        return True
    except FileExistsError:
        return os.stat(part).st_nlink == 2  # linked by a call whose answer NFS lost
    finally:
        part.unlink()


def drop_broken_end(path):
    """Cut off a last line that a kill left unfinished; a file that is not there stays away."""
    if not Path(path).exists():
        return
    with Path(path).open('rb+') as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b'\n')
            if found >= 0:
                file.truncate(start + found + 1)
                return
            end = start
        file.truncate(0)


@contextmanager
def alone_at(path):
    """Open a file to append to it, while no other process of this machine does.

    Raises:
        BlockingIOError: if another process is at it.
    """
    with Path(path).open('a') as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
