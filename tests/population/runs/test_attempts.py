"""Attempts at runs: who has one, and whether it lives."""

import errno
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from written_results import ENDLESS

from regnet_plugin.population.runs import attempts as module
from regnet_plugin.population.runs.attempts import attempts_of, begin_attempt, tries
from regnet_plugin.population.runs.recipe_file import keep_recipe


def elsewhere(folder):
    """An attempt at a run by another machine."""
    attempt = begin_attempt(folder, None, 'a')
    attempt.path.write_text(json.dumps({**attempt.values, 'machine': 'another'}))
    return attempt


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock of this process, in ``seconds``, which stands still by itself."""
    clock = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(module.time, 'monotonic', lambda: clock.seconds)
    return clock


class TestAttempts:
    def test_a_run_is_taken_once(self, tmp_path):
        with ThreadPoolExecutor(16) as pool:
            taken = list(
                pool.map(lambda number: begin_attempt(tmp_path, None, f'token {number}'), range(64))
            )
        assert len([attempt for attempt in taken if attempt]) == 1
        assert [attempt.number for attempt in attempts_of(tmp_path)] == [1]

    def test_who_is_overtaken_after_the_last_look_does_not_get_it(self, tmp_path):
        """Another process makes the file at the very call that would make it, whichever that is."""
        code = (
            'import os, sys\n'
            'from pathlib import Path\n'
            'from regnet_plugin.population.runs.attempts import begin_attempt\n'
            'path = Path(sys.argv[1], "attempt-1.json")\n'
            'made = []\n'
            'def overtake(event, arguments):\n'
            '    makes = event in ("os.link", "os.rename") or (\n'
            '        event == "open" and (arguments[2] or 0) & os.O_CREAT)\n'
            '    if makes and str(path) in map(str, arguments) and not made:\n'
            '        made.append(event)\n'
            '        path.write_text("of another")\n'
            'sys.addaudithook(overtake)\n'
            'print(begin_attempt(sys.argv[1], None, "a"), len(made), path.read_text())\n'
        )
        done = subprocess.run(
            [sys.executable, '-c', code, tmp_path], capture_output=True, text=True
        )
        assert done.stdout == 'None 1 of another\n', done.stderr

    def test_it_is_taken_again_when_the_attempt_ended(self, tmp_path):
        begin_attempt(tmp_path, None, 'a').end('killed')
        assert begin_attempt(tmp_path, 'epoch_1.pth', 'b').number == 2
        assert begin_attempt(tmp_path, 'epoch_1.pth', 'c') is None

    def test_it_is_taken_again_when_the_process_is_gone(self, tmp_path):
        code = (
            'import sys; from regnet_plugin.population.runs.attempts import begin_attempt; '
            'print(begin_attempt(sys.argv[1], None, "a").number)'
        )
        assert (
            subprocess.run(
                [sys.executable, '-c', code, tmp_path], capture_output=True, text=True
            ).stdout
            == '1\n'
        )
        attempt = attempts_of(tmp_path)[0]
        assert attempt.over and attempt.ended is None
        assert begin_attempt(tmp_path, None, 'b').number == 2 and attempt.superseded

    def test_a_later_process_of_the_same_number_is_another(self, tmp_path):
        attempt = begin_attempt(tmp_path, None, 'a')
        attempt.path.write_text(json.dumps({**attempt.values, 'started': '1'}))
        assert attempts_of(tmp_path)[0].over

    @pytest.mark.parametrize('hours', [0, -100000, 100000])
    def test_on_another_machine_silence_while_one_watches_decides_whatever_its_clock_says(
        self, tmp_path, clock, hours
    ):
        attempt = elsewhere(tmp_path)
        os.utime(attempt.path, (time.time() + 3600 * hours,) * 2)
        assert not attempts_of(tmp_path)[0].over and attempts_of(tmp_path)[0].in_doubt
        clock.seconds += module.STALE - 1
        assert not attempts_of(tmp_path)[0].over and begin_attempt(tmp_path, None, 'b') is None
        clock.seconds += 2
        assert attempts_of(tmp_path)[0].over and not attempts_of(tmp_path)[0].in_doubt
        assert begin_attempt(tmp_path, None, 'b').number == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            'attempt-1.json',
            'attempt-2.json',
        ]

    def test_on_another_machine_one_that_lives_stays_though_its_clock_is_far_behind_and_jumps(
        self, tmp_path, clock
    ):
        attempt = elsewhere(tmp_path)
        for seconds in (10, 20, 30, 5, 15, 7):  # since 1970
            os.utime(attempt.path, (seconds, seconds))
            assert begin_attempt(tmp_path, None, 'b') is None
            clock.seconds += module.STALE - 1
        assert not attempts_of(tmp_path)[0].in_doubt
        clock.seconds += 2
        assert attempts_of(tmp_path)[0].over

    def test_who_changes_a_recipe_waits_until_it_is_known_who_lives(self, tmp_path, monkeypatch):
        monkeypatch.setattr(module, 'STALE', 0.2)
        keep_recipe(tmp_path, 'a = 1')
        (tmp_path / '000000-0').mkdir()
        attempt = elsewhere(tmp_path / '000000-0')
        os.utime(attempt.path, (2**33, 2**33))
        assert keep_recipe(tmp_path, 'a = 2') == 0 and not list((tmp_path / '000000-0').iterdir())

    def test_what_a_gone_worker_left_running_is_killed(self, tmp_path):
        code = (
            'import sys, subprocess; from regnet_plugin.population.runs.attempts import *; '
            'begin_attempt(sys.argv[1], None, "left"); print(subprocess.Popen(["sleep", "1000"], '
            'env={TOKEN: "left", "PATH": "/bin:/usr/bin"}, stdout=subprocess.DEVNULL, '
            'stderr=subprocess.DEVNULL).pid)'
        )
        left = int(
            subprocess.run(
                [sys.executable, '-c', code, tmp_path], capture_output=True, text=True
            ).stdout
        )
        assert Path(f'/proc/{left}').exists()
        assert begin_attempt(tmp_path, None, 'b').number == 2
        deadline = time.monotonic() + 10
        while module.started(left) is not None:  # the kernel takes its time on a busy machine
            assert time.monotonic() < deadline
            time.sleep(0.01)

    @pytest.mark.parametrize(
        'text',
        [
            '{"pid"',
            '{}',
            '[]',
            ENDLESS,
            '{"machine": "%s"}',
            '\udcff',
            '{"ended": []}',
            '{"machine": "%s", "host": [], "pid": 1, "started": "1", "token": "a"}',
        ],
    )
    def test_an_unreadable_one_is_over(self, tmp_path, text):
        text = text.replace('%s', module.machine()).encode(errors='surrogateescape')
        (tmp_path / 'attempt-1.json').write_bytes(text)
        assert attempts_of(tmp_path)[0].over and tries(attempts_of(tmp_path), None) == 1
        assert begin_attempt(tmp_path, None, 'a').number == 2

    @pytest.mark.parametrize(
        'make', [lambda path: path.mkdir(), lambda path: path.symlink_to('nowhere')]
    )
    def test_what_is_no_file_is_over(self, tmp_path, make):
        make(tmp_path / 'attempt-1.json')
        assert begin_attempt(tmp_path, None, 'a').number == 2

    def test_files_of_other_names_are_none(self, tmp_path):
        attempt = begin_attempt(tmp_path, None, 'a')
        for name in (
            'attempt-foo.json',
            'attempt-2-old.json',
            'attempt-1 (copy).json',
            'attempt-.json',
            'attempt-03.json',
        ):
            (tmp_path / name).write_text('{}')
        assert [found.path for found in attempts_of(tmp_path)] == [attempt.path]
        assert begin_attempt(tmp_path, None, 'b') is None

    @pytest.mark.parametrize('pid', [0, -1, -(2**31), 10**30])
    def test_what_can_be_no_process_is_gone(self, tmp_path, pid):
        attempt = begin_attempt(tmp_path, None, 'a')
        attempt.path.write_text(json.dumps({**attempt.values, 'pid': pid}))
        assert attempts_of(tmp_path)[0].over

    def test_one_that_cannot_be_read_now_is_neither_over_nor_a_try(self, tmp_path, unreadable):
        attempt = begin_attempt(tmp_path, None, 'a')
        with unreadable(attempt.path), pytest.raises(OSError, match='attempt-1.json'):
            attempts_of(tmp_path)
        with unreadable(attempt.path), pytest.raises(OSError, match='attempt-1.json'):
            begin_attempt(tmp_path, None, 'b')
        assert [path.name for path in tmp_path.iterdir()] == ['attempt-1.json'] and not attempts_of(
            tmp_path
        )[0].over

    def test_a_folder_that_cannot_be_read_now_is_not_empty(self, tmp_path, monkeypatch):
        def refuse(path):
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))

        begin_attempt(tmp_path, None, 'a').end('interrupted')
        with monkeypatch.context() as fault:
            fault.setattr('os.listdir', refuse)
            with pytest.raises(PermissionError, match=tmp_path.name):
                begin_attempt(tmp_path, None, 'b')

    def test_where_no_more_files_can_be_opened_a_process_is_not_gone(self, tmp_path):
        """A process with as many files open as it may have looks at its own attempt.

        `ulimit -n` makes it so.
        """
        code = (
            'import os, resource, sys; from regnet_plugin.population.runs.attempts import *\n'
            'folder = sys.argv[1]; begin_attempt(folder, None, "a"); attempt, = '
            'attempts_of(folder)\n'
            'resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n'
            'try:\n    while True: os.dup(0)\nexcept OSError: pass\n'
            'try: print(attempt.over)\nexcept OSError as error: print(error.strerror)\n'
        )
        done = subprocess.run(
            [sys.executable, '-c', code, tmp_path], capture_output=True, text=True
        )
        assert done.stdout == 'Too many open files\n', done.stderr

    def test_tries_count_from_one_checkpoint_and_not_interruptions(self, tmp_path):
        for checkpoint, how in (
            (None, 'killed'),
            (None, 'interrupted'),
            (None, 'killed'),
            ('epoch_1.pth', 'killed'),
        ):
            begin_attempt(tmp_path, checkpoint, 'a').end(how)
        attempts = attempts_of(tmp_path)
        assert tries(attempts, None) == 0 and tries(attempts, 'epoch_1.pth') == 1
        assert tries(attempts[:3], None) == 2

    def test_a_worker_that_is_gone_counts_less(self, tmp_path):
        begin_attempt(tmp_path, None, 'a').end('killed')
        begin_attempt(tmp_path, None, 'a')
        assert tries(attempts_of(tmp_path), None) == 1.25
