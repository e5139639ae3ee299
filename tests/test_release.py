"""A release: a complete archive, a wheel that comes from it, and both in bare environments."""

import email
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from killing import ROOT
from own_files import own_files

from regnet_plugin import __version__

BUILD = (
    'from setuptools import build_meta; '
    'print(build_meta.build_sdist("dist"), build_meta.build_wheel("dist"))'
)
SMOKE_TEST = ROOT / 'environment/smoke_test.py'
# What the package requires, and what these require: a bare environment has them and no more.
REQUIRED = 'filelock fonttools matplotlib numpy pillow pypdf PyYAML rich scipy'.split()
REQUIRED += 'contourpy cycler kiwisolver packaging pyparsing python-dateutil six'.split()
REQUIRED += 'markdown-it-py mdurl Pygments'.split()


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The archive, and a wheel of what is in it: what is missing there is missing here."""
    folder = tmp_path_factory.mktemp('release')
    build(ROOT, folder)
    (archive,) = folder.glob('*.tar.gz')
    with tarfile.open(archive) as opened:
        opened.extractall(folder / 'unpacked', filter='data')
    (source,) = (folder / 'unpacked').iterdir()
    build(source, folder)
    (wheel,) = folder.glob('*.whl')
    return archive, source, wheel


def build(source, folder):
    """Run `make dist` in a copy of a tree, which the build writes to."""
    copy = folder / f'copy_of_{source.name}'
    files = [path for path in own_files('.', '**/*')] if source == ROOT else source.rglob('*')
    for path in files:
        if path.is_file():
            target = copy / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (copy / 'dist').mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, '-c', BUILD], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    ending = '*.tar.gz' if source == ROOT else '*.whl'
    (made,) = (copy / 'dist').glob(ending)
    made.rename(folder / made.name)


def test_names_say_the_version(built):
    archive, _, wheel = built
    assert archive.name == f'regnet_plugin-{__version__}.tar.gz'
    assert wheel.name == f'regnet_plugin-{__version__}-py3-none-any.whl'
    assert f'\nversion: {__version__}\n' in (ROOT / 'CITATION.cff').read_text()
    first = re.search(r'^## (.*)', (ROOT / 'CHANGELOG.md').read_text(), re.MULTILINE)[1]
    assert first in (__version__, 'Unreleased')


def test_the_archive_has_all_that_git_tracks(built):
    """But for what is of the repository itself, such as its lists of what git ignores."""
    archived = {str(path.relative_to(built[1])) for path in built[1].rglob('*') if path.is_file()}
    tracked = {str(path.relative_to(ROOT)) for path in own_files('.', '**/*')}
    assert {path for path in tracked - archived if not path.startswith('.')} == set()


def test_metadata_are_complete(built):
    with zipfile.ZipFile(built[2]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
        said = email.message_from_bytes(wheel.read(name))
        assert any(name.endswith('licenses/LICENSE') for name in wheel.namelist())
    assert {'Typing :: Typed', 'Programming Language :: Python :: 3.13'} <= set(
        said.get_all('Classifier')
    )
    assert 'Apache-2.0' in (said['License-Expression'] or said['License'])
    assert said['Requires-Python'] == '>=3.10' and said['Summary'] and said['Author']
    assert said['Description-Content-Type'] == 'text/markdown'
    assert said.get_payload().startswith('# regnet_plugin')


def bare_environment(folder, wheel, lent):
    """A Python with the wheel's files and links to some distributions of this one, and no more."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob('lib/*/site-packages')
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(packages)
    for name in lent:
        one = distribution(name)
        for top in {Path(file).parts[0] for file in one.files or ()} - {'..', '__pycache__'}:
            if not (packages / top).exists():
                (packages / top).symlink_to(one.locate_file(top))
    return folder / 'bin/python'


@pytest.mark.parametrize('level, lent', [('core', ['numpy']), ('reports', REQUIRED)])
def test_the_wheel_works_in_a_bare_environment(built, tmp_path, level, lent):
    python = bare_environment(tmp_path / 'bare', built[2], lent)
    tried = subprocess.run(
        [python, '-I', SMOKE_TEST, level], capture_output=True, text=True, cwd=tmp_path
    )
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.splitlines()[0] == f'regnet_plugin {__version__}: complete'
    assert tried.stdout.splitlines()[-1].startswith(f'{level}: ')


def test_the_smoke_test_can_fail(built, tmp_path):
    """Where matplotlib is missing, and of the repository in the place of an installation."""
    python = bare_environment(tmp_path / 'bare', built[2], ['numpy'])
    tried = subprocess.run([python, '-I', SMOKE_TEST, 'reports'], capture_output=True, text=True)
    assert tried.returncode == 1 and 'ModuleNotFoundError' in tried.stderr
    tried = subprocess.run([sys.executable, SMOKE_TEST, 'core'], capture_output=True, text=True)
    assert tried.returncode == 1 and 'the installed package must be tried' in tried.stderr


@pytest.mark.acceptance
@pytest.mark.parametrize('number', [0, 2], ids=['archive', 'wheel'])
def test_pip_installs_it_with_what_it_requires(built, tmp_path, number):
    """From the package index, into an environment that has nothing."""
    venv.create(tmp_path / 'bare', with_pip=True)
    python = tmp_path / 'bare/bin/python'
    for command in (
        [python, '-m', 'pip', 'install', '--quiet', built[number]],
        [python, '-I', SMOKE_TEST, 'reports'],
    ):
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
