"""Files: written all or nothing, locked, and read with distrust. Nothing is written, or removed,
through a link.

What cannot be read *now*, for want of rights, of file handles, or of an answer of the server, is an
`OSError` that names the path, and says nothing about the content; what was read and is wrong is a
`ValueError`.
"""

import errno
import fcntl
import json
import os
import re
import stat
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

_TRIES = 3  # to read a file that another machine replaces meanwhile


@contextmanager
def naming(path):
    """Let an `OSError` say which file it is about; those of writing and reading do not, such as
    that of a full disk.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(path)
        raise


def is_there(path):
    """Whether there is anything of a name, also a link to nothing.

    Raises:
        OSError: if that cannot be known now.
    """
    try:
        os.lstat(path)
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False


@contextmanager
def unfinished(path):
    """Give a path beside a file, with its suffix, for what takes its place once it is whole.

    The name cannot be foreseen, so that nobody can have put a link there. What is there at the end
    replaces the file, or a link; after an error it goes.
    """
    path = Path(path)
    part = path.with_name(f'.part-{uuid4().hex}-{path.name}')
    try:
        with naming(path):
            yield part
            os.replace(part, path)
    except OSError as error:
        if error.filename == str(part):  # a name that nobody has seen
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        part.unlink(missing_ok=True)


def remove_unfinished(path):
    """Remove what killed processes left of a file, see `unfinished`; whoever calls this knows that
    nobody writes it now.
    """
    path = Path(path)
    for other in path.parent.iterdir():
        if (
            re.fullmatch(f'.part-[0-9a-f]{{32}}-{re.escape(path.name)}', other.name)
            and not other.is_symlink()
        ):
            other.unlink()


def names_in(folder):
    """Names of what is in a folder, in order; none where there is no folder.

    Raises:
        OSError: if it cannot be read now.
    """
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def folders_in(folder):
    """Names of the folders in a folder, in order; as `names_in`."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def read_text(path):
    """Read a text in UTF-8.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        ValueError: if it is no text, or no file; the message says what, not where.
        OSError: naming the path, if it cannot be read now.
    """
    path = Path(path)
    try:
        with naming(path):
            return _read(path)
    except FileNotFoundError:
        if is_there(path):
            raise ValueError('it is a link to nothing') from None
        raise
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError('it is a link to nothing') from None
        raise


def _read(path, tries=_TRIES):
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
        raise ValueError('it is no file')
    try:
        return path.read_text(encoding='utf-8')
    except OSError as error:
        if error.errno != errno.ESTALE or tries == 1:
            raise
    return _read(path, tries - 1)  # of NFS, where the file was replaced between opening and reading


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
        ValueError: if it is anything else, such as half a file, a list or a folder; the message
            says what, not where.
        OSError: naming the path, if it cannot be read now.
    """
    try:
        values = unambiguous(read_text(path))
    except RecursionError:
        raise ValueError('it is nested too deeply') from None
    if not isinstance(values, dict):
        raise ValueError('it must be an object')
    return values


def put_aside(path):
    """Rename a file or folder to ``<name>.broken``, or, where that is taken, to ``<name>.broken-2``
    and so on.
    """
    path = Path(path)
    names = (
        f'{path.name}.broken{number}'
        for number in chain([''], (f'-{number}' for number in count(2)))
    )
    path.rename(next(other for other in map(path.with_name, names) if not is_there(other)))


def _part(path, content):
    """Write a text or bytes beside its place, under a name that nobody else has."""
    part = path.with_name(f'.{path.name}.{uuid4().hex}')
    try:
        with naming(path), part.open('xb') as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def replace(path, content):
    """Write a file, in place of one, or of a link, that may be there.

    Args:
        path (str | Path): of the file.
        content (str | bytes): all of it.
    """
    path = Path(path)
    part = _part(path, content)
    try:
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


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
    """Cut off a last line that a kill left unfinished; a file that is not there stays away.

    Raises:
        ValueError: if the file is a link: nothing is cut off through one.
    """
    if not is_there(path):
        return
    with naming(path), Path(path).open('rb+') as file:
        length = end = file.seek(0, os.SEEK_END)
        start, found = 0, -1
        while end and found < 0:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b'\n')
            end = start
        kept = start + found + 1
        if kept < length and Path(path).is_symlink():
            raise ValueError(
                f'{path} must end with its last line before anything is added to it, but it ends '
                'within one, '
                'and it is a link, through which nothing is cut off'
            )
        if kept < length:
            file.truncate(kept)


@contextmanager
def alone_at(path):
    """Open a file to append to it, while no other process of this machine does.

    Raises:
        BlockingIOError: if another process is at it.
    """
    with naming(path), Path(path).open('a') as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file


@contextmanager
def locked(path, wait):
    """Hold a lock, which ends with the process, too, however that ends.

    Args:
        path (Path): of the file that stands for the lock; it stays.
        wait (Callable[[], None]): called once if another process holds it, before waiting.
    """
    with open(path, 'a') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
