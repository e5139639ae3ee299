import resource
from contextlib import contextmanager

import pytest
from broken_weights import write_broken
from loopback import all_hosts


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Stands for all hosts, and PyTorch's folder is empty."""
    with all_hosts(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture(scope='module')
def broken(tmp_path_factory):
    """A folder of files that are no checkpoints."""
    folder = tmp_path_factory.mktemp('broken')
    write_broken(folder, folder / 'trace')
    return folder


@pytest.fixture
def kept(tmp_path):
    """Names of what is in PyTorch's folder, locks aside."""
    return lambda: sorted(
        path.name
        for path in (tmp_path / 'hub').rglob('*')
        if path.is_file() and path.suffix != '.lock'
    )


@pytest.fixture
def small_files():
    """In the context no file gets larger than this many bytes, as if the disk were full then."""

    @contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
