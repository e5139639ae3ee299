"""Populations to be read, and files that cannot be read now."""

import errno
import io
import shutil
from contextlib import contextmanager

import pytest
from read_population import sampled

from regnet_plugin.population.store import Population


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


@pytest.fixture(scope='module')
def sampled_once(tmp_path_factory):
    return sampled(tmp_path_factory.mktemp('populations') / 'digits').directory


@pytest.fixture
def population(sampled_once, tmp_path):
    return Population.open(shutil.copytree(sampled_once, tmp_path / 'digits'))
