"""Errors that come while a network runs and are none of the code's: what PyTorch says of them, in a line that helps."""
import re
from contextlib import contextmanager
from typing import Iterator

from regnet_plugin.engine.errors import UserError

_SAYINGS = (
    (re.compile(r'DataLoader worker.*(killed by signal|exited unexpectedly)'),
     'a loader process was killed; so a system does when memory runs out, which fewer processes need less of: num_workers'),
)


@contextmanager
def running_errors_told(name: str) -> Iterator[None]:
    """Say in one line what keeps a network from running.

    Args:
        name (str): what the message calls the config.

    Raises:
        UserError: in the place of PyTorch's error.
    """
    try:
        yield
    except RuntimeError as error:
        said = next((said for symptom, said in _SAYINGS if symptom.search(str(error))), None)
        if said is None:
            raise
        raise UserError(f'{name}: {said}') from error
