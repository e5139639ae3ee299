"""Files and folders that appear all at once or not at all, whenever the process is killed.

What is not whole yet stands beside its place under a hidden name that cannot be foreseen, so that
nobody can have put a link there. What a killed process leaves there, `remove_unfinished` removes.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

from regnet_plugin.files.reading import is_there, naming

_BLOCK = 65536  # bytes read at once while looking for the end of a line, backwards


def _new_name_beside(path: Path) -> Path:
    """Return a path that nobody else has, in the same folder and with the same suffix."""
    return path.with_name(f'.part-{uuid4().hex}-{path.name}')


@contextmanager
def _part_of(path: Path) -> Iterator[Path]:
    """Give a path for what is not whole yet; after an error what is there goes.

    Without one it has its place then, and to look for it would be one more question to a file
    server. An `OSError` names the path that was asked for, not the hidden one, which nobody has
    seen.
    """
    part = _new_name_beside(path)
    try:
        with naming(path):
            yield part
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(part):
            error.filename, error.filename2 = str(path), None
        raise


def _write(part: Path, content: str | bytes) -> None:
    with part.open('xb') as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def unfinished(path: str | Path) -> Iterator[Path]:
    """Give a path beside a file, with its suffix, for what takes its place once it is whole.

    What is there at the end replaces the file, or a link; after an error it goes.
    """
    path = Path(path)
    with _part_of(path) as part:
        yield part
        os.replace(part, path)


def replace(path: str | Path, content: str | bytes) -> None:
    """Write a file, in place of one, or of a link, that may be there.

    Args:
        path: of the file.
        content: all of it.
    """
    with unfinished(path) as part:
        _write(part, content)


def create(path: str | Path, text: str) -> bool:
    """Write a file if there is none; of several processes that try, one succeeds, on NFS too.

    Returns:
        Whether it was this one.
    """
    path = Path(path)
    with _part_of(path) as part:
        _write(part, text)
        try:
            os.link(part, path)  # on NFS, unlike opening with O_EXCL of old
            is_ours = True
        except FileExistsError:
            is_ours = os.stat(part).st_nlink == 2  # linked by a call whose answer NFS lost
        part.unlink()
    return is_ours


@contextmanager
def folder_beside(path: str | Path) -> Iterator[Path]:
    """Give an empty folder beside a path, for what is not whole yet; at the end it goes."""
    folder = _new_name_beside(Path(path))
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def unfinished_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder that gets the name of another one once it is whole.

    At the end it takes the name, which an empty folder may have; after an error it goes.
    """
    with folder_beside(path) as part:
        yield part
        os.rename(part, path)


def remove_unfinished(path: str | Path) -> None:
    """Remove what killed processes left of a file or folder.

    Whoever calls this knows that nobody writes it now.
    """
    path = Path(path)
    pattern = rf'\.part-[0-9a-f]{{32}}-{re.escape(path.name)}'
    for other in path.parent.iterdir():
        if not re.fullmatch(pattern, other.name) or other.is_symlink():
            continue
        if other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
        else:
            other.unlink()


def put_aside(path: str | Path) -> None:
    """Rename a file or folder to ``<name>.broken``, or ``<name>.broken-2`` where that is taken."""
    path = Path(path)
    aside = path.with_name(f'{path.name}.broken')
    for number in count(2):
        if not is_there(aside):
            break
        aside = path.with_name(f'{path.name}.broken-{number}')
    path.rename(aside)


def drop_broken_end(path: str | Path) -> None:
    """Cut off a last line that a kill left unfinished; a file that is not there stays away.

    Raises:
        ValueError: if the file is a link: nothing is cut off through one.
    """
    path = Path(path)
    if not is_there(path):
        return
    with naming(path), path.open('rb+') as file:
        length = end = file.seek(0, os.SEEK_END)
        whole = 0  # bytes up to the end of the last whole line
        while end > 0 and whole == 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            newline = file.read(end - start).rfind(b'\n')
            if newline >= 0:
                whole = start + newline + 1
            end = start
        if whole == length:
            return
        if path.is_symlink():
            raise ValueError(
                f'{path} must end with its last line before anything is added to it, but it ends '
                'within one, and it is a link, through which nothing is cut off'
            )
        file.truncate(whole)
