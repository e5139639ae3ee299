"""Work shared by processes: in order, and never waited for in vain.

It is so whichever of the processes is killed at what moment.
"""

import os
import signal
import subprocess
import sys
import time
from itertools import count, islice
from operator import neg
from pathlib import Path

import pytest
from killing import ROOT
from small_population import kill, python_path, wait_until
from torch.utils.data import DataLoader

from regnet_plugin.pool import in_turn

KILLED = 'a process was killed while {}; so a system does when memory runs out'


def children(number):
    return list(map(int, Path(f'/proc/{number}/task/{number}/children').read_text().split()))


def killing_at_three(task):
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def refusing_at_once(task):
    if task == 1:
        raise ValueError('task 1 is wrong')
    time.sleep(3600)


def large(task):
    return os.getpid(), bytes(2**24 if task else 0)


class Told(Exception):
    """Cannot be sent: made again of its text alone, as pickle does, it is refused."""

    def __init__(self, file, line):
        super().__init__(f'{file}:{line}')


def telling(task):
    raise Told('mine.csv', 7)


def giving_what_cannot_be_sent(task):
    return lambda: task


def loading(task):
    return [int(batch) for batch in DataLoader(range(task), num_workers=1)]


def test_a_process_may_have_processes_of_its_own():
    results = in_turn(loading, [2, 3], processes=2, how='fork', what='loading')
    assert list(results) == [[0, 1], [0, 1, 2]]


@pytest.mark.parametrize('how', ['fork', 'spawn'])
def test_who_asks_for_no_more_may_end(how):
    """A generator that lives on, as in the traceback of an error, does not hold the exit."""
    program = (
        'from operator import neg\n'
        'from regnet_plugin.pool import in_turn\n'
        f'results = in_turn(neg, range(9), processes=2, how={how!r}, what="negating")\n'
        'print(next(results))\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', program],
        env={**os.environ, 'PYTHONPATH': python_path(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, '0\n'), done.stderr


@pytest.mark.parametrize('how', ['fork', 'spawn'])
def test_results_are_in_order_also_of_endless_tasks(how):
    assert list(islice(in_turn(neg, count(), processes=2, how=how, what='counting'), 20)) == list(
        range(0, -20, -1)
    )
    assert list(in_turn(neg, range(3), processes=2, how=how, what='counting')) == [0, -1, -2]


@pytest.mark.parametrize('how', ['fork', 'spawn'])
def test_a_killed_process_is_an_error(how):
    before = set(children(os.getpid()))
    with pytest.raises(ChildProcessError, match=KILLED.format('counting')):
        list(in_turn(killing_at_three, range(9), processes=2, how=how, what='counting'))
    assert set(children(os.getpid())) == before


def test_a_process_that_is_killed_while_it_sends_is_an_error():
    results = in_turn(large, range(2), processes=1, how='fork', what='sending')
    number, _ = next(results)  # the second result waits to be read, and does not fit into the pipe
    time.sleep(0.3)
    os.kill(number, signal.SIGKILL)
    with pytest.raises(ChildProcessError, match=KILLED.format('sending')):
        next(results)


@pytest.mark.parametrize(
    'function, said', [(telling, 'Told: mine.csv:7'), (giving_what_cannot_be_sent, 'pickle')]
)
def test_what_cannot_be_sent_is_no_killed_process(function, said):
    with pytest.raises(Exception, match=said) as raised:
        list(in_turn(function, range(2), processes=1, how='fork', what='telling'))
    assert not isinstance(raised.value, ChildProcessError)


def test_an_error_ends_what_the_others_are_at():
    before = set(children(os.getpid()))
    with pytest.raises(ValueError, match='^task 1 is wrong$'):
        list(in_turn(refusing_at_once, range(2), processes=2, how='fork', what='waiting'))
    assert set(children(os.getpid())) == before


def test_no_process_outlives_the_one_that_it_works_for():
    code = (
        'import time; from regnet_plugin.pool import in_turn; list(in_turn(time.sleep, [3600] * 3, '
        'processes=3, how="fork", what="sleeping"))'
    )
    parent = subprocess.Popen(
        [sys.executable, '-c', code], env={**os.environ, 'PYTHONPATH': python_path(ROOT)}
    )
    deadline = time.monotonic() + 60
    while len(children(parent.pid)) < 3:
        assert parent.poll() is None and time.monotonic() < deadline
    theirs = children(parent.pid)
    time.sleep(0.2)
    parent.kill()
    parent.wait()
    while any(map(lives, theirs)):
        assert time.monotonic() < deadline, theirs
        time.sleep(0.02)


def lives(number):
    try:
        return 'Z' not in Path(f'/proc/{number}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return False


def killed_tool(*command):
    """The exit code and the lines of a tool, a process of which is killed when there are two."""
    tool = subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )
    wait_until(lambda: len(children(tool.pid)) >= 2, tool)
    kill(children(tool.pid)[-1])
    output, _ = tool.communicate(timeout=120)
    return tool.returncode, output.splitlines()


def test_a_report_one_of_whose_processes_is_killed_ends_in_one_line(tmp_path):
    table = (
        'error,depths,widths,group_widths,bottleneck_ratios,flops\n'
        + 50_000 * '30.5,1 2,48 96,8 8,1 1,1e8\n'
    )
    tables = [tmp_path / name for name in ('one.csv', 'two.csv')]
    for path in tables:
        path.write_text(table)
    code, lines = killed_tool(
        ROOT / 'tools/report_population.py', *tables, '-o', tmp_path / 'report.html'
    )
    assert (code, lines) == (2, ['error: ' + KILLED.format('reading')])


def test_a_sampling_one_of_whose_processes_is_killed_ends_in_one_line(tmp_path):
    code, lines = killed_tool(
        ROOT / 'tools/sample_population.py',
        ROOT / 'configs/design_spaces/regnetx.py',
        '--flops',
        3e8,
        4e8,
        '--size',
        200_000,
        '--processes',
        2,
        '--out',
        tmp_path / 'killed',
    )
    assert (code, lines) == (2, ['error: ' + KILLED.format('sampling')])
