import resource
import urllib.request
from contextlib import contextmanager

import pytest
from loopback import opener_to, serving


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Stands for all hosts, and PyTorch's folder is empty."""
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    (tmp_path / 'served').mkdir()
    with serving(tmp_path / 'served') as server:
        monkeypatch.setattr(urllib.request, '_opener', opener_to(server.address))
        yield server


@pytest.fixture
def kept(tmp_path):
    """Names of what is in PyTorch's folder, locks aside."""
    return lambda: sorted(path.name for path in (tmp_path / 'hub').rglob('*') if path.is_file() and path.suffix != '.lock')


@pytest.fixture
def small_files():
    """Within the context no file gets larger than this many bytes, as if the disk were full then."""

    @contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
