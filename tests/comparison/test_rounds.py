"""Two tiny spaces on some of the digits, compared as a user does it: tools/compare_spaces.py."""

import os
import signal
import subprocess
import sys

import pytest
from killing import ROOT
from made_trainings import SPACES
from small_population import RECIPE, wait_until

from regnet_plugin.population.readers import read_records

REGNETX = SPACES / 'regnetx_digits.py'
# Networks that learn in a second: an epoch of three batches, no schedule.
SHORT = f"""
_base_ = {str(RECIPE)!r}
train_dataloader = dict(dataset=dict(indices=96))
val_dataloader = dict(dataset=dict(indices=64))
default_hooks = dict(checkpoint=dict(save_best=None))
param_scheduler = None
train_cfg = dict(max_epochs=1)
"""
AMOUNTS = ('--flops', '2e6', '3e6', '--trainings', '20', '--size', '12', '--margin', '20')


@pytest.fixture
def files(tmp_path):
    """Paths of two spaces and a recipe."""
    narrow = tmp_path / 'narrow.py'
    narrow.write_text(f'_base_ = {str(REGNETX)!r}\ndesign_space = dict(w_m=2)\n')
    recipe = tmp_path / 'short.py'
    recipe.write_text(SHORT)
    return REGNETX, narrow, recipe


def start(files, out):
    """Start the tool in a group of its own; its output is one text stream."""
    command = [sys.executable, ROOT / 'tools/compare_spaces.py', *files, *AMOUNTS, '--out', out]
    return subprocess.Popen(
        [*map(str, command), '--workers', '2'],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )


def results(out):
    return {path: path.stat().st_mtime_ns for path in out.glob('*/runs/short/*/result.json')}


def test_killed_and_started_again_it_ends_with_a_line_and_a_page(files, run_tool, tmp_path):
    out = tmp_path / 'compared'
    process = start(files, out)
    wait_until(lambda: len(results(out)) > 1, process, seconds=500)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = results(out)

    process = start(files, out)
    output, _ = process.communicate(timeout=500)
    assert process.returncode == 0, output
    after = results(out)
    assert len(after) == 20 and before.items() <= after.items()
    line, page = output.splitlines()[-2:]
    assert line == (out / 'comparison.txt').read_text().strip()
    assert 'after 20 trainings' in line and page == str(out / 'report.html')
    assert line in (out / 'report.html').read_text()
    for name in ('regnetx_digits', 'narrow'):
        (records,) = read_records(out / name, 'short')
        assert records.rated().sum() == 10 and records.is_random_part
        assert (records.status == 'sampled').sum() == 2

    done = run_tool('compare_spaces.py', *files, *AMOUNTS, '--out', out)
    assert done.stdout == f'{line}\n{page}\n' and results(out) == after, done.stderr
    done = run_tool('compare_spaces.py', *files, *AMOUNTS, '--out', out, '--dry-run')
    assert 'regnetx_digits: 10 errors' in done.stdout and ' hours in the mean' in done.stdout
    done = run_tool('population_status.py', out / 'narrow')
    assert '10 of the 12 networks that were sampled are to be trained' in done.stdout


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(spaces=[REGNETX, REGNETX]), 'must differ, but regnetx_digits and regnetx_digits are'),
        (dict(spaces=[REGNETX]), 'two spaces or more, but it is of 1 space'),
        (dict(spaces=[REGNETX, 'none.py']), 'none.py'),
        (dict(flops=[]), 'the following arguments are required: --flops'),
        (dict(flops=['--flops', '3e6', '2e6']), 'flops'),
        (dict(more=['--margin', '0']), 'margin must be a number above 0, but it is 0.0'),
        (dict(more=['--margin', '-1']), 'margin must be a number above 0, but it is -1.0'),
        (dict(more=['--trainings', '19']), 'at least 10 of each space, 20 in all, but they are 19'),
        (dict(more=['--size', '5']), 'size must be at least the 10 trainings of each space'),
        (dict(more=['--confidence', '95']), 'confidence must be between 0 and 1, but it is 95.0'),
        (dict(more=['--statistic', 'mode']), 'mean, median, best:N, with N a whole number from 1'),
        (dict(more=['--difference', '0']), '--difference must be above 0, but it is 0.0'),
        (dict(more=['--dry-run']), 'there must be first trainings in work_dirs/'),
        (dict(more=['--workers', '0']), '--workers must be positive, but it is 0'),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(run_tool, tmp_path, files, changes, message):
    spaces = changes.get('spaces', files[:2])
    flops = changes.get('flops', ['--flops', '2e6', '3e6'])
    done = run_tool(
        'compare_spaces.py', *spaces, files[2], *flops, '--trainings', 20, *changes.get('more', [])
    )
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1], done.stderr
    assert 'Traceback' not in done.stderr and not (tmp_path / 'work_dirs').exists()


def test_help_teaches_by_example(run_tool):
    done = run_tool('compare_spaces.py', '--help')
    assert done.returncode == 0 and done.stdout.count('compare_spaces.py configs/') == 2
