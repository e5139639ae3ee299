"""Writing files that other processes read: all or nothing, whenever a process may be killed."""
import os
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
