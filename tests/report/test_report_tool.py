"""tools/report_population.py: what it writes, prints and refuses."""

import os
import subprocess
import sys

import pytest
from killing import ROOT
from rated_populations import rated_population
from reported import PUBLISHED

pytestmark = pytest.mark.usefixtures('no_warnings')


def test_a_recipe_is_chosen_of_folders_beside_tables(tmp_path, run_tool, steps):
    other = rated_population(tmp_path / 'other', 'anynetx_a_digits', 3, recipe='longer')
    rated_population(tmp_path / 'more', 'anynetx_a_digits', 3)
    (tmp_path / 'more/runs/short').rename(other / 'runs/short')
    done = run_tool('report_population.py', other, PUBLISHED, '--recipe', 'longer')
    assert done.returncode == 0 and '2 populations, 35 networks' in done.stdout, done.stderr
    done = run_tool('report_population.py', PUBLISHED, '--recipe', 'longer')
    assert done.returncode == 2 and 'a recipe can be chosen of a folder' in done.stderr


def test_a_terminal_of_ascii_and_a_reader_that_leaves(tmp_path, run_tool):
    ascii_only = dict(os.environ, PYTHONIOENCODING='ascii', PYTHONUTF8='0', LC_ALL='C')
    done = run_tool('report_population.py', PUBLISHED, env=ascii_only)
    assert done.returncode == 0 and '\\u2080 33 (20 to 42)' in done.stdout and not done.stderr
    command = f'{sys.executable} {ROOT}/tools/report_population.py {PUBLISHED} | true'
    assert not subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True).stderr


def test_the_tool(tmp_path, run_tool, steps):
    done = run_tool(
        'report_population.py', *steps[:2], '-o', 'out/page.html', '--names', 'first', 'second'
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('2 populations, 80 networks: 79 with an error, 1 failed.')
    assert (tmp_path / 'out/page.html').exists() and 'first' in (
        tmp_path / 'out/page_files/edf.csv'
    ).read_text()


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['nothing'], 'nothing'),
        ([PUBLISHED, PUBLISHED], 'there twice: regnetx_400mf'),
        ([PUBLISHED, '--names', 'a', 'b'], '--names must be one per population'),
        ([PUBLISHED, '--recipe', 'short'], 'recipe'),
        ([PUBLISHED, '-o', '/dev/null'], 'a file whose name ends in .html'),
        ([PUBLISHED, '-o', 'page.csv'], 'a file whose name ends in .html'),
    ],
    ids=['missing', 'twice', 'names', 'recipe', 'device', 'no page'],
)
def test_what_the_tool_refuses_is_one_line(run_tool, arguments, message):
    done = run_tool('report_population.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1] and not done.stdout
