"""Errors that come while a network runs and are none of the code's, in a line that helps."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_sharer

from regnet_plugin.cli.errors import UserError

_LOADER_DIED = re.compile(r'DataLoader worker.*(killed by signal|exited unexpectedly)')
_ONE_VALUE = re.compile('Expected more than 1 value per channel when training')
_LOADER_ADVICE = (
    'a loader process was killed; so a system does when memory runs out, which fewer processes '
    'need less of: num_workers'
)
_ONE_VALUE_ADVICE = (
    'batch normalization needs more than one value per channel to train, but a batch is one image '
    'and has maps of 1x1: larger batches or images; of a last batch, drop_last=True of the loader'
)


@contextmanager
def running_errors_told(name: str) -> Iterator[None]:
    """Say in one line what keeps a network from running.

    Args:
        name: what the message calls the config.

    Raises:
        UserError: in the place of PyTorch's error.
    """
    try:
        yield
    except (RuntimeError, ValueError, OSError, EOFError) as error:
        advice = _advice(error)
        if advice is None:
            raise
        raise UserError(f'{name}: {advice}') from error


def _advice(error: Exception) -> str | None:
    """What happened and what helps, of an error that is known."""
    if _LOADER_DIED.search(str(error)) or _is_lost_sender(error):
        return _LOADER_ADVICE
    if _ONE_VALUE.search(str(error)):
        return _ONE_VALUE_ADVICE
    return None


def _is_lost_sender(error: Exception) -> bool:
    """Whether the process that sends a tensor ended before it was received.

    A loader process that is killed just then is not yet known to be dead, so PyTorch passes on the
    error of its socket.
    """
    frames = traceback.walk_tb(error.__traceback__)
    return isinstance(error, OSError | EOFError) and any(
        frame.f_code.co_filename == resource_sharer.__file__ for frame, _ in frames
    )


def is_one_value(error: Exception) -> bool:
    """Whether an error is that of batch normalization that is given one value per channel."""
    return isinstance(error, ValueError) and _ONE_VALUE.search(str(error)) is not None
