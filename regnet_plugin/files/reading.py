"""Files and folders that others wrote: what is there, and whether it is what it must be."""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TRIES = 3  # to read a file that another machine replaces meanwhile


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Let an `OSError` say which file it is about.

    Those of writing and reading do not, such as that of a full disk.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(path)
        raise


def is_there(path: str | Path) -> bool:
    """Return whether there is anything of a name, also a link to nothing.

    Raises:
        OSError: if that cannot be known now.
    """
    try:
        os.lstat(path)
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False


def names_in(folder: str | Path) -> list[str]:
    """Return the names of what is in a folder, in order; none where there is no folder.

    Raises:
        OSError: if it cannot be read now.
    """
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def folders_in(folder: str | Path) -> list[str]:
    """Return the names of the folders in a folder, in order; as `names_in`."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def read_text(path: str | Path) -> str:
    """Read a text in UTF-8.

    Raises:
        FileNotFoundError: if there is nothing of that name.
        ValueError: if it is no text, or no file; the message says what, not where.
        OSError: naming the path, if it cannot be read now.
    """
    path = Path(path)
    try:
        with naming(path):
            return _read_text(path)
    except FileNotFoundError:
        if is_there(path):
            raise ValueError('it is a link to nothing') from None
        raise
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError('it is a link to nothing') from None
        raise


def _read_text(path: Path, tries: int = _TRIES) -> str:
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
        raise ValueError('it is no file')
    try:
        return path.read_text(encoding='utf-8')
    except OSError as error:
        # what NFS says where the file was replaced between opening and reading
        was_replaced = error.errno == errno.ESTALE
        if not was_replaced or tries == 1:
            raise
    return _read_text(path, tries - 1)


def unambiguous(text: str | bytes) -> Any:
    """Parse JSON in which no object has a key twice: of two values one would go without a word.

    Raises:
        ValueError: if it is no JSON, or a key is there twice.
        RecursionError: if it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f'each key must be there once, but {key[:80]!r} is there twice')
        values[key] = value
    return values


def read_object(path: str | Path) -> dict[str, Any]:
    """Read a file of JSON that holds an object.

    Returns:
        Its values.

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
