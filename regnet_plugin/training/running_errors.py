"""Errors that come while a network runs and are none of the code's, in a line that helps."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from regnet_plugin.cli.errors import UserError

_LOADER_DIED = re.compile(r'DataLoader worker.*(killed by signal|exited unexpectedly)')
_ONE_VALUE = re.compile('Expected more than 1 value per channel when training')
# What PyTorch says, and what helps.
_ADVICE = (
    (
        _LOADER_DIED,
        'a loader process was killed; so a system does when memory runs out, which fewer processes '
        'need less of: num_workers',
    ),
    (
        _ONE_VALUE,
        'batch normalization needs more than one value per channel to train, but a batch is one '
        'image and has maps of 1x1: larger batches or images; of a last batch, drop_last=True of '
        'the loader',
    ),
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
    except (RuntimeError, ValueError) as error:
        for symptom, advice in _ADVICE:
            if symptom.search(str(error)):
                raise UserError(f'{name}: {advice}') from error
        raise


def is_one_value(error: Exception) -> bool:
    """Whether an error is that of batch normalization that is given one value per channel."""
    return isinstance(error, ValueError) and _ONE_VALUE.search(str(error)) is not None
