"""The commands of the Makefile: tests come first, and lint looks at the project's own files."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from killing import ROOT

GIT = ('git', '-c', 'user.name=n', '-c', 'user.email=e', '-c', 'init.defaultBranch=main')
BAD = 'import os\n'  # unused


@pytest.fixture
def tree(tmp_path):
    for name in ('Makefile', 'pyproject.toml'):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / 'configs').mkdir()
    (tmp_path / 'configs/mine.py').write_text(BAD)  # configs are not linted, as pyproject.toml says
    (tmp_path / 'own.py').write_text('')
    return tmp_path


def commit(tree):
    for command in (['init', '-q'], ['add', '.'], ['commit', '-q', '-m', 'all']):
        subprocess.run([*GIT, *command], cwd=tree, check=True)


def lint(tree):
    """Run `make lint` with the running environment, which is installed already."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('MAKE', 'MFLAGS', 'GIT_'))
    }
    return subprocess.run(
        ['make', '-o', f'{sys.prefix}/test.done', 'lint', f'VENV={sys.prefix}'],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_users_own_files_are_not_linted(tree):
    commit(tree)
    (tree / 'mine.py').write_text(BAD)
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_of_the_project_that_does_not_pass_fails(tree):
    (tree / 'own.py').write_text(BAD)
    commit(tree)
    done = lint(tree)
    assert done.returncode != 0 and 'own.py:1' in done.stdout


def test_a_file_that_is_not_formatted_fails(tree):
    (tree / 'own.py').write_text("text = 'a'\n\n\n\n\nother = 'b'\n")
    commit(tree)
    done = lint(tree)
    assert done.returncode != 0 and '1 file would be reformatted' in done.stdout


def test_in_an_unpacked_archive_nothing_is_linted_which_is_said(tree):
    (tree / 'mine.py').write_text(BAD)
    done = lint(tree)
    assert done.returncode == 0 and 'note: lint is left out, for without git' in done.stdout


def test_tests_run_before_lint():
    recipe = re.search(r'^test:.*\n((?:\t.*\n)+)', (ROOT / 'Makefile').read_text(), re.MULTILINE)[
        1
    ].splitlines()
    assert 'pytest' in recipe[0] and 'lint' in recipe[1] and len(recipe) == 2
