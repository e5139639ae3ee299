"""Files that several processes share: written all or nothing, whenever a process may be killed, and read with distrust."""
import fcntl
import json
import os
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from uuid import uuid4


def unambiguous(text):
    """Parse JSON in which no object has a key twice: of two values one would go without a word.

    Raises:
        ValueError: if it is no JSON, or a key is there twice.
        RecursionError: if it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs):
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f'each key must be there once, but {twice[:80]!r} is there twice')
    return values


def read_object(path):
    """Read a file of JSON that holds an object.

    Returns:
        dict: its values.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        ValueError: if it is anything else, such as half a file, a list or a folder; the message says what, not where.
    """
    try:
        values = unambiguous(Path(path).read_text(encoding='utf-8'))
    except FileNotFoundError:
        if os.path.lexists(path):
            raise ValueError('it is a link to nothing') from None
        raise
    except OSError as error:
        raise ValueError(f'it cannot be read: {error.strerror}') from None
    except RecursionError:
        raise ValueError('it is nested too deeply') from None
    if not isinstance(values, dict):
        raise ValueError('it must be an object')
    return values


def put_aside(path):
    """Rename a file or folder to ``<name>.broken``, or, where that is taken, to ``<name>.broken-2`` and so on."""
    path = Path(path)
    names = (f'{path.name}.broken{number}' for number in chain([''], (f'-{number}' for number in count(2))))
    path.rename(next(other for other in map(path.with_name, names) if not os.path.lexists(other)))


def _part(path, text):
    """Write a text beside its place, under a name that nobody else has."""
    part = path.with_name(f'.{path.name}.{uuid4().hex}')
    try:
        part.write_bytes(text.encode())
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
