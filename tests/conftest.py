import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption('--acceptance', action='store_true', help='also run the full-length demands in tests/acceptance')


def pytest_ignore_collect(collection_path, config):
    if collection_path.name == 'acceptance' and not config.getoption('--acceptance'):
        return True


@pytest.fixture
def run_tool(tmp_path):
    """Run a tool of tools/ as a user does; returns the finished process with its output as text."""

    def run(name, *args, cwd=tmp_path, **kwargs):
        return subprocess.run([sys.executable, str(ROOT / 'tools' / name), *map(str, args)], cwd=cwd, text=True,
                              capture_output=True, timeout=300, **kwargs)

    return run


@pytest.fixture
def report(capsys):
    """Print a measurement past pytest's capture."""

    def write(text):
        with capsys.disabled():
            print(f'\n  {text}', end='', flush=True)

    return write
