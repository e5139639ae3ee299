"""Files that cannot be read now."""

import errno
import io
from contextlib import contextmanager

import pytest


@pytest.fixture(params=['EACCES', 'EMFILE', 'ESTALE', 'EIO'])
def unreadable(request, monkeypatch):
    """Within the context a file cannot be read, though it is there.

    The message of the fault names no path.
    """
    opened = io.open

    @contextmanager
    def fault(path):
        def refuse(file, *args, **kwargs):
            if str(file) == str(path):
                raise OSError(getattr(errno, request.param), 'it is so now')
            return opened(file, *args, **kwargs)

        with monkeypatch.context() as here:
            here.setattr(io, 'open', refuse)
            yield

    return fault
