"""Other Pythons that this machine has: the base installs, the digits train, quick tests pass.

Each takes 8 GB while it is tested, and ten minutes on two idle cores.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from killing import ROOT

# Those of `make quick` that need nothing but what the base has and pytest with hypothesis.
QUICK = ['tests/core', 'tests/analysis', 'tests/design_spaces', 'tests/models/test_anynet.py']


def install_script():
    spec = importlib.util.spec_from_file_location('install', ROOT / 'environment/install.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def interpreters():
    """One of each version that is supported and is not the running one.

    They are the system's, pyenv's and uv's.
    """
    home = Path.home()
    folders = [
        *map(Path, os.environ.get('PATH', '').split(os.pathsep)),
        Path('/usr/bin'),
        Path('/usr/local/bin'),
        *home.glob('.pyenv/versions/*/bin'),
        *home.glob('.local/share/uv/python/*/bin'),
    ]
    lowest, highest = install_script().SUPPORTED
    found = {}
    for path in (path for folder in folders for path in sorted(folder.glob('python3.*'))):
        version = re.fullmatch(r'python3\.(\d+)', path.name)
        if (
            version
            and lowest <= (3, int(version[1])) <= highest
            and int(version[1]) != sys.version_info[1]
        ):
            if version[1] not in found and _runs(path, version[1]):
                found[version[1]] = path
    return list(found.values())


def _runs(path, minor):
    """Whether it is an interpreter that creates environments: a shim may stand for none."""
    code = 'import sys, ensurepip, venv, ctypes, sqlite3, lzma, bz2; print(sys.version_info[1])'
    done = subprocess.run([path, '-c', code], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == minor


FOUND = interpreters()


def test_which_pythons_are_here(report):
    report(
        'other Pythons: ' + (', '.join(map(str, FOUND)) or 'none, so that nothing is said of them')
    )


@pytest.mark.parametrize('python', FOUND, ids=lambda path: path.name)
def test_it_installs_trains_and_passes_the_quick_tests(python, tmp_path, report):
    # a source of its own: an editable install links into it
    source, folder = tmp_path / 'source', tmp_path / 'venv'
    subprocess.run(['git', 'clone', '-q', str(ROOT), str(source)], check=True)
    _run([python, source / 'environment/install.py', 'base', folder], source)
    own = folder / 'bin/python'
    trained = _run([own, 'tools/train.py', 'configs/regnetx_6.5mf_digits.py'], source)
    accuracy = float(re.search(r'accuracy/top1: ([\d.]+) at the end', trained)[1])
    report(f'{python.name}: {accuracy:.2f}% on the digits')
    assert accuracy > 97
    _run(
        [
            own,
            '-m',
            'pip',
            'install',
            '--quiet',
            'pytest',
            'hypothesis',
            '--constraint',
            'environment/pins.txt',
        ],
        source,
    )
    _run([own, '-m', 'pytest', '-q', *QUICK], source)


def _run(command, folder):
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        capture_output=True,
        text=True,
        env=dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=''),
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
