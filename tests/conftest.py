import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tool_process
from hypothesis import settings
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope
from training_fixtures import one_rank, population, tiny_imagenet, trained  # noqa: F401 - fixtures

# a run's verdict must not be luck; `make acceptance` draws anew
settings.register_profile('same', derandomize=True)
settings.load_profile('same')

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    parser.addoption(
        '--acceptance',
        action='store_true',
        help='run what takes too long for every day, and only that: tests/acceptance and tests '
        'marked so',
    )


def pytest_configure(config):
    config.addinivalue_line(
        'markers', 'acceptance: takes too long for every day; run by --acceptance'
    )
    # in the background of a shell it is ignored, and inherited
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    wanted, others = [], []
    for item in items:
        long = 'acceptance' in item.path.parts or item.get_closest_marker('acceptance') is not None
        (wanted if long == config.getoption('--acceptance') else others).append(item)
    config.hook.pytest_deselected(items=others)
    slow = {'training', 'launchers'}  # rooms whose files take minutes come first
    items[:] = sorted(wanted, key=lambda item: not slow & set(item.path.parts))


@pytest.fixture(autouse=True)
def scopes_and_loggers():
    """What a test sets, and what building a Runner sets, is not there for the next test."""
    before = {kind: dict(kind._instance_dict) for kind in (DefaultScope, MMLogger)}
    yield
    for name, logger in MMLogger._instance_dict.items():
        if before[MMLogger].get(name) is not logger:
            for (
                handler
            ) in logger.handlers:  # a file left open fails a later test, when Python collects it
                handler.close()
    for kind, instances in before.items():
        kind._instance_dict.clear()
        kind._instance_dict.update(instances)


@pytest.fixture
def run_tool(tmp_path):
    """Run a tool of tools/ as a user does; returns the finished process with its output as text."""

    def run(name, *args, cwd=tmp_path, env=None):
        tool, args = ROOT / 'tools' / name, list(map(str, args))
        if env is None:
            return tool_process.run(tool, args, cwd, timeout=300)
        return subprocess.run(
            [sys.executable, str(tool), *args],
            cwd=cwd,
            env=env,
            text=True,
            capture_output=True,
            timeout=300,
        )

    return run


@pytest.fixture
def report(capsys):
    """Print a measurement past pytest's capture."""

    def write(text):
        with capsys.disabled():
            print(f'\n  {text}', end='', flush=True)

    return write
