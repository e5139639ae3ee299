"""What is written beside its place until it is whole, whatever it is: nothing is written, or removed, through a link."""
import os
import re
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def naming(path):
    """Let an `OSError` say which file it is about; those of writing and reading do not, such as that of a full disk."""
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

    The name cannot be foreseen, so that nobody can have put a link there. What is there at the end replaces the file, or a
    link; after an error it goes.
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
    """Remove what killed processes left of a file, see `unfinished`; whoever calls this knows that nobody writes it now."""
    path = Path(path)
    for other in path.parent.iterdir():
        if re.fullmatch(f'.part-[0-9a-f]{{32}}-{re.escape(path.name)}', other.name) and not other.is_symlink():
            other.unlink()
