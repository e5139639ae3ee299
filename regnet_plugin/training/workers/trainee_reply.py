"""How the training of a run ended, as the training process tells its worker.

Where it raised an error, it is judged here which end that was.

Nothing here imports torch, which takes seconds and which a worker does not need.
"""

import errno
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from regnet_plugin.cli.errors import UserError, is_out_of_memory
from regnet_plugin.population.runs.run import has_room

# A run that is done, or that diverged, has its result by then: the hook in its training wrote it.
DONE = 'done'
DIVERGED = 'diverged'
# Not the network's fault: the run is tried again, or gone on with later.
NO_SPACE = 'no space'
KILLED = 'killed'
UNREADABLE = 'unreadable'
# Failures of the network, or of the recipe, whose results the worker writes.
OUT_OF_MEMORY = 'out of memory'
ERROR = 'error'

FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT)  # also when a user's quota is used up
_NO_MORE_FILES_ERRORS = (errno.EMFILE, errno.ENFILE)  # no further file can be opened
# A file with one of these may be readable a minute later, so they say nothing about its content.
_UNREADABLE_NOW_ERRORS = (
    *_NO_MORE_FILES_ERRORS,
    errno.EACCES,
    errno.EPERM,
    errno.ESTALE,
    errno.EIO,
)
_LONGEST_MESSAGE = 1000  # characters; a message of torch may hold a whole stack of C++
_ROOM_TO_GO_ON = 2**26  # bytes; with less than 64 MiB left no operation of a network works


class TraineeReply(TypedDict):
    """The end of a training, as the training process writes it, in JSON.

    Attributes:
        outcome (str): one of the constants of this module, such as `DONE`.
        message (str): what a person should know; '' if nothing.
    """

    outcome: str
    message: str


class FailureNoted(UserError):
    """A training cannot go on, and its result, which is written, says why."""


def reply_after_error(error: Exception, folder: Path) -> TraineeReply:
    """Judge what a training raised.

    Args:
        error: whatever a config, a network or a library raised.
        folder: of the run.
    """
    unreadable = _unreadable_file(error, folder)
    if unreadable is not None:
        message = f'{unreadable.filename} cannot be read now: {unreadable.strerror}'
        return TraineeReply(outcome=UNREADABLE, message=message)
    return TraineeReply(outcome=kind_of_error(error, folder), message=_message_of(error, folder))


def kind_of_error(error: Exception, folder: Path) -> str:
    """Name the kind of an error: `DIVERGED`, `NO_SPACE`, `KILLED`, `OUT_OF_MEMORY` or `ERROR`.

    Args:
        error: what a training raised.
        folder: of the run, on whose disk there may be no room left.
    """
    if isinstance(error, FailureNoted):
        return DIVERGED
    chain = list(_chain_of(error))
    if any(getattr(part, 'errno', None) in FULL_DISK_ERRORS for part in chain):
        return NO_SPACE
    if not has_room(folder):
        return NO_SPACE
    if any(_says_that_a_loader_was_killed(part) for part in chain):
        return KILLED
    if any(is_out_of_memory(part) for part in chain) or not _memory_is_left():
        return OUT_OF_MEMORY
    return ERROR


def _message_of(error: Exception, folder: Path) -> str:
    """What an error says, in one line; files of the run by their names alone."""
    text = str(error) if isinstance(error, UserError) else f'{type(error).__name__}: {error}'
    text = text.replace(f'{folder}{os.sep}', '')  # the result that holds the message is in it
    return ' '.join(text.split())[:_LONGEST_MESSAGE]


def _unreadable_file(error: Exception, folder: Path) -> OSError | None:
    """The first error of a chain that no network is to blame for; None if there is none.

    Such an error says that a file of the run cannot be read now, or that no more files can be
    opened.
    """
    for part in _chain_of(error):
        if not isinstance(part, OSError) or part.errno not in _UNREADABLE_NOW_ERRORS:
            continue
        if part.errno in _NO_MORE_FILES_ERRORS or _is_within(str(part.filename), folder):
            return part
    return None


def _is_within(path: str, folder: Path) -> bool:
    """Whether a path leads into a folder."""
    return Path(os.path.abspath(path)).is_relative_to(os.path.abspath(folder))


def _says_that_a_loader_was_killed(error: BaseException) -> bool:
    """Whether PyTorch says that a process of a loader was killed.

    A system without memory does that, and no network is to blame.
    """
    text = str(error)
    if 'DataLoader worker' not in text:
        return False
    return 'is killed by signal' in text or 'exited unexpectedly' in text


def _memory_is_left() -> bool:
    """Whether some memory can still be allocated.

    Libraries say in their own ways that there is none, oneDNN with 'could not create a primitive'.
    """
    try:
        mmap.mmap(-1, _ROOM_TO_GO_ON).close()
    except OSError:
        return False
    return True


def _chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what caused it, what caused that, and so on."""
    part: BaseException | None = error
    while part is not None:
        yield part
        part = part.__cause__ or part.__context__
