"""Attempts, results and standings: the files that population training rests on."""
import errno
import io
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from regnet_plugin.population import attempts as module
from regnet_plugin.population.attempts import attempts_of, begin_attempt, tries
from regnet_plugin.population.files import create
from regnet_plugin.population.results import Result, curve_summary, digest_of, read_result
from regnet_plugin.population.runs import Run, keep_recipe, plan_runs, planned_runs, recipe_folder, unplan_runs
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.standing import Watch
from regnet_plugin.population.store import Network, Population, PopulationError


def result(**values):
    return Result(**{**dict(network='000000', seed=0, recipe='recipe', status='done'), **values})


ENDLESS = pytest.param('[' * 200000, id='endless')  # deeper than a parser goes
IN_A_RESULT = [('network', '[]'), ('seed', '"0"'), ('seed', '-1'), ('seed', 'true'), ('recipe', 'null'), ('status', '[]'),
               ('reason', '[]'), ('message', '5'), ('metric', '5'), ('last_error', '"x"'), ('last_error', '9' * 400),
               ('best_error', 'NaN'), ('last_epoch', '1.5'), ('loss', '1e999'), ('curve', '5'), ('curve', '[5]'),
               ('curve', '[{"error": 1}]'), ('curve', '[{"epoch": 1, "error": "x"}]'), ('complexity', '[]'),
               ('complexity', '{"flops": "5"}'), ('complexity', '{"flops": ' + '9' * 400 + '}'), ('seconds', '1e300'),
               ('seconds', '-1'), ('peak_memory', '"1"'), ('device', '5'), ('versions', '[]'), ('attempts', '0'),
               ('finished', '5'), ('finished', '"foo"'), ('finished', '"0001-01-01T00:00:00"')]


class TestResults:

    @pytest.fixture
    def run(self, tmp_path):
        folder = tmp_path / 'recipe/000000-0'
        folder.mkdir(parents=True)
        return folder

    def test_one_is_written_and_read_again(self, run):
        written = result(last_error=5.5, curve=(dict(epoch=1, loss=0.5, error=5.5), ), versions=dict(torch='2'))
        assert written.write(run) and not result(last_error=1.0).write(run)
        found = read_result(run)
        assert found.last_error == 5.5 and found.finished == written.finished
        assert [path.name for path in run.iterdir()] == ['result.json']

    def test_of_many_that_write_at_once_one_does(self, tmp_path):
        with ThreadPoolExecutor(16) as pool:
            written = list(pool.map(lambda number: result(seed=number).write(tmp_path), range(64)))
        assert sum(written) == 1
        assert json.loads((tmp_path / 'result.json').read_text())['seed'] == written.index(True)

    def test_none_is_none(self, run):
        assert read_result(run) is None

    @pytest.mark.parametrize('text', ['', '{"network": "0', '[]', '{"network": "000000"}', ENDLESS, '\udcff\udcfe',
                                      '{"network": "0", "seed": 0, "recipe": "r", "status": "well"}'])
    def test_a_broken_one_is_named(self, run, text):
        (run / 'result.json').write_bytes(text.encode(errors='surrogateescape'))
        with pytest.raises(ValueError, match='result.json: '):
            read_result(run)

    @pytest.mark.parametrize('name, value', IN_A_RESULT)
    def test_a_value_of_another_kind_is_named_and_the_file_put_aside(self, run, name, value):
        assert result().write(run)
        text = (run / 'result.json').read_text()
        values = {**json.loads(text), name: 'here'}
        (run / 'result.json').write_text(json.dumps(values).replace('"here"', value))
        with pytest.raises(ValueError, match='result.json: ') as caught:
            read_result(run)
        assert '\n' not in str(caught.value) and len(str(caught.value)) < 500
        for _ in range(2):
            assert Run(run, None, 0).forget_broken_result() == str(caught.value)
            assert not (run / 'result.json').exists()
            (run / 'result.json').write_text((run / 'result.json.broken').read_text())
        assert sorted(path.name for path in run.iterdir()) == ['result.json', 'result.json.broken', 'result.json.broken-2']

    def test_one_that_cannot_be_read_now_is_not_broken(self, run, unreadable):
        result(last_error=5.5).write(run)
        for look in (lambda: read_result(run), Run(run, None, 0).forget_broken_result, Watch((Run(run, None, 0), )).look):
            with unreadable(run / 'result.json'), pytest.raises(OSError, match='result.json'):
                look()
        assert [path.name for path in run.iterdir()] == ['result.json'] and read_result(run).last_error == 5.5

    def test_one_whose_recipe_cannot_be_read_now_is_not_broken(self, run, unreadable):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(recipe_digest=digest_of('a = 1')).write(run)
        with unreadable(run.parent / 'recipe.py'), pytest.raises(OSError, match='recipe.py'):
            Run(run, None, 0).forget_broken_result()
        assert [path.name for path in run.iterdir()] == ['result.json']

    def test_one_behind_a_folder_that_cannot_be_entered_now_is_not_missing(self, run, monkeypatch):
        def refuse(path, **_):
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))

        result(last_error=5.5).write(run)
        with monkeypatch.context() as fault:
            for name in ('lstat', 'stat'):
                fault.setattr(f'os.{name}', refuse)
            with pytest.raises(PermissionError, match='result.json'):
                Run(run, None, 0).ended
            with pytest.raises(PermissionError, match='result.json'):
                read_result(run)

    def test_what_is_replaced_on_another_machine_while_it_is_read_is_read_again(self, run, monkeypatch):
        result(last_error=5.5).write(run)
        answers = [OSError(errno.ESTALE, 'Stale file handle'), (run / 'result.json').read_text()]

        def answer(*_, **__):
            said = answers.pop(0)
            if isinstance(said, OSError):
                raise said
            return said

        monkeypatch.setattr(Path, 'read_text', answer)
        assert read_result(run).last_error == 5.5

    def test_a_pipe_is_not_waited_for(self, run):
        os.mkfifo(run / 'result.json')
        with pytest.raises(ValueError, match='result.json: it is no file'):
            read_result(run)

    @pytest.mark.parametrize('make', [lambda path: path.mkdir(), lambda path: path.symlink_to('nowhere'),
                                      lambda path: path.symlink_to(path)])
    def test_what_is_no_file_has_ended_and_is_put_aside(self, run, make):
        make(run / 'result.json')
        assert Run(run, None, 0).ended and 'result.json: it' in Run(run, None, 0).forget_broken_result()
        assert not Run(run, None, 0).ended

    @pytest.mark.parametrize('other', [dict(network='000001'), dict(seed=1), dict(recipe_digest='0123456789ab')])
    def test_that_of_another_run_is_broken(self, run, other):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(**other).write(run)
        with pytest.raises(ValueError, match='result.json: it must be the result of .*, but it is that of'):
            read_result(run)

    def test_that_of_the_recipe_beside_it_is_read_whatever_its_folder_is_called_now(self, run):
        (run.parent / 'recipe.py').write_text('a = 1')
        result(recipe='before', recipe_digest=digest_of('a = 1')).write(run)
        assert read_result(run).recipe == 'before'

    def test_five_hundred_are_read_in_no_time(self, tmp_path):
        (tmp_path / 'recipe.py').write_text(200 * 'a = dict(b=1)\n')
        curve = tuple(dict(epoch=epoch, loss=0.5, error=5.5) for epoch in range(1, 11))
        runs = [tmp_path / f'{number:06d}-0' for number in range(500)]
        for run in runs:
            run.mkdir()
            result(network=run.name[:6], curve=curve, recipe_digest=digest_of(200 * 'a = dict(b=1)\n')).write(run)
        start = time.process_time()
        assert all([read_result(run) for run in runs])
        assert time.process_time() - start < 0.3  # 0.07 s, and room for a busy machine

    @pytest.mark.parametrize('values, message', [
        (dict(status='well'), 'status must be'),
        (dict(status='failed'), 'a failure has one of the reasons'),
        (dict(reason='killed'), 'a failure has one of the reasons'),
        (dict(last_error=float('nan')), 'last_error must be a number, at most 1e100, or none, but it is nan'),
    ])
    def test_there_are_no_invalid_ones(self, values, message):
        with pytest.raises(ValueError, match=message):
            result(**values)

    def test_last_and_best_epoch_are_told_apart(self):
        curve = [dict(epoch=1, loss=3.0), dict(epoch=2, loss=2.0, error=10.0), dict(epoch=3, loss=1.0, error=20.0)]
        found = curve_summary(curve)
        assert (found['last_error'], found['last_epoch'], found['best_error'], found['best_epoch']) == (20, 3, 10, 2)
        assert found['loss'] == 1.0
        assert curve_summary([])['last_error'] is None


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


@pytest.fixture(params=['EACCES', 'EMFILE', 'ESTALE', 'EIO'])
def unreadable(request, monkeypatch):
    """Within the context a file cannot be read, though it is there; the message of the fault names no path."""
    opened = io.open

    @contextmanager
    def fault(path):
        def refuse(file, *args, **kwargs):
            if str(file) == str(path):
                raise OSError(getattr(errno, request.param), 'it is so now')
            return opened(file, *args, **kwargs)

        with monkeypatch.context() as here:
            here.setattr(io, 'open', refuse)
            yield

    return fault


class TestAttempts:

    def test_a_run_is_taken_once(self, tmp_path):
        with ThreadPoolExecutor(16) as pool:
            taken = list(pool.map(lambda number: begin_attempt(tmp_path, None, f'token {number}'), range(64)))
        assert len([attempt for attempt in taken if attempt]) == 1
        assert [attempt.number for attempt in attempts_of(tmp_path)] == [1]

    def test_it_is_taken_again_when_the_attempt_ended(self, tmp_path):
        begin_attempt(tmp_path, None, 'a').end('killed')
        assert begin_attempt(tmp_path, 'epoch_1.pth', 'b').number == 2
        assert begin_attempt(tmp_path, 'epoch_1.pth', 'c') is None

    def test_it_is_taken_again_when_the_process_is_gone(self, tmp_path):
        code = ('import sys; from regnet_plugin.population.attempts import begin_attempt; '
                'print(begin_attempt(sys.argv[1], None, "a").number)')
        assert subprocess.run([sys.executable, '-c', code, tmp_path], capture_output=True, text=True).stdout == '1\n'
        attempt = attempts_of(tmp_path)[0]
        assert attempt.over and attempt.ended is None
        assert begin_attempt(tmp_path, None, 'b').number == 2 and attempt.superseded

    def test_a_later_process_of_the_same_number_is_another(self, tmp_path):
        attempt = begin_attempt(tmp_path, None, 'a')
        attempt.path.write_text(json.dumps({**attempt.values, 'started': '1'}))
        assert attempts_of(tmp_path)[0].over

    @pytest.mark.parametrize('hours', [0, -100000, 100000])
    def test_on_another_machine_silence_while_one_watches_decides_whatever_its_clock_says(self, tmp_path, clock, hours):
        attempt = elsewhere(tmp_path)
        os.utime(attempt.path, (time.time() + 3600 * hours, ) * 2)
        assert not attempts_of(tmp_path)[0].over and attempts_of(tmp_path)[0].in_doubt
        clock.seconds += module.STALE - 1
        assert not attempts_of(tmp_path)[0].over and begin_attempt(tmp_path, None, 'b') is None
        clock.seconds += 2
        assert attempts_of(tmp_path)[0].over and not attempts_of(tmp_path)[0].in_doubt
        assert begin_attempt(tmp_path, None, 'b').number == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == ['attempt-1.json', 'attempt-2.json']

    def test_on_another_machine_one_that_lives_stays_though_its_clock_is_far_behind_and_jumps(self, tmp_path, clock):
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
        code = ('import sys, subprocess; from regnet_plugin.population.attempts import *; '
                'begin_attempt(sys.argv[1], None, "left"); '
                'print(subprocess.Popen(["sleep", "1000"], env={TOKEN: "left", "PATH": "/bin:/usr/bin"}, '
                'stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)')
        left = int(subprocess.run([sys.executable, '-c', code, tmp_path], capture_output=True, text=True).stdout)
        assert Path(f'/proc/{left}').exists()
        assert begin_attempt(tmp_path, None, 'b').number == 2
        deadline = time.monotonic() + 10
        while module._started(left) is not None:  # the kernel takes its time on a busy machine
            assert time.monotonic() < deadline
            time.sleep(0.01)

    @pytest.mark.parametrize('text', ['{"pid"', '{}', '[]', ENDLESS, '{"machine": "%s"}', '\udcff', '{"ended": []}',
                                      '{"machine": "%s", "host": [], "pid": 1, "started": "1", "token": "a"}'])
    def test_an_unreadable_one_is_over(self, tmp_path, text):
        text = text.replace('%s', module._machine()).encode(errors='surrogateescape')
        (tmp_path / 'attempt-1.json').write_bytes(text)
        assert attempts_of(tmp_path)[0].over and tries(attempts_of(tmp_path), None) == 1
        assert begin_attempt(tmp_path, None, 'a').number == 2

    @pytest.mark.parametrize('make', [lambda path: path.mkdir(), lambda path: path.symlink_to('nowhere')])
    def test_what_is_no_file_is_over(self, tmp_path, make):
        make(tmp_path / 'attempt-1.json')
        assert begin_attempt(tmp_path, None, 'a').number == 2

    def test_files_of_other_names_are_none(self, tmp_path):
        attempt = begin_attempt(tmp_path, None, 'a')
        for name in ('attempt-foo.json', 'attempt-2-old.json', 'attempt-1 (copy).json', 'attempt-.json', 'attempt-03.json'):
            (tmp_path / name).write_text('{}')
        assert [found.path for found in attempts_of(tmp_path)] == [attempt.path]
        assert begin_attempt(tmp_path, None, 'b') is None

    @pytest.mark.parametrize('pid', [0, -1, -2**31, 10**30])
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
        assert [path.name for path in tmp_path.iterdir()] == ['attempt-1.json'] and not attempts_of(tmp_path)[0].over

    def test_a_folder_that_cannot_be_read_now_is_not_empty(self, tmp_path, monkeypatch):
        def refuse(path):
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))

        begin_attempt(tmp_path, None, 'a').end('interrupted')
        with monkeypatch.context() as fault:
            fault.setattr('os.listdir', refuse)
            with pytest.raises(PermissionError, match=tmp_path.name):
                begin_attempt(tmp_path, None, 'b')

    def test_where_no_more_files_can_be_opened_a_process_is_not_gone(self, tmp_path):
        """As `ulimit -n` has it: a process with as many files open as it may have looks at its own attempt."""
        code = ('import os, resource, sys; from regnet_plugin.population.attempts import *\n'
                'folder = sys.argv[1]; begin_attempt(folder, None, "a"); attempt, = attempts_of(folder)\n'
                'resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n'
                'try:\n    while True: os.dup(0)\nexcept OSError: pass\n'
                'try: print(attempt.over)\nexcept OSError as error: print(error.strerror)\n')
        done = subprocess.run([sys.executable, '-c', code, tmp_path], capture_output=True, text=True)
        assert done.stdout == 'Too many open files\n', done.stderr

    def test_tries_count_from_one_checkpoint_and_not_interruptions(self, tmp_path):
        for checkpoint, how in ((None, 'killed'), (None, 'interrupted'), (None, 'killed'), ('epoch_1.pth', 'killed')):
            begin_attempt(tmp_path, checkpoint, 'a').end(how)
        attempts = attempts_of(tmp_path)
        assert tries(attempts, None) == 0 and tries(attempts, 'epoch_1.pth') == 1
        assert tries(attempts[:3], None) == 2

    def test_a_worker_that_is_gone_counts_less(self, tmp_path):
        begin_attempt(tmp_path, None, 'a').end('killed')
        begin_attempt(tmp_path, None, 'a')
        assert tries(attempts_of(tmp_path), None) == 1.25


@pytest.fixture
def runs(tmp_path):
    networks = [Network(f'{number:06d}', number, regnet_sample(text))
                for number, text in enumerate(('regnetx_200mf', 'regnetx_800mf', 'regnetx_400mf'))]
    return plan_runs(tmp_path, networks, (0, 1))


def test_the_longest_are_first(runs):
    assert [run.name for run in runs] == [f'{name}-{seed}' for name in ('000001', '000002', '000000') for seed in (0, 1)]
    assert all(run.folder.is_dir() for run in runs)


def test_two_recipes_do_not_mix(tmp_path):
    keep_recipe(tmp_path / 'recipe', 'a = 1')
    keep_recipe(tmp_path / 'recipe', 'a = 1')
    keep_recipe(tmp_path / 'recipe', 'a = 2')  # there is no run yet
    (tmp_path / 'recipe/000000-0').mkdir()
    (tmp_path / 'recipe/000000-0/config.py').touch()
    with pytest.raises(PopulationError, match='another recipe.*--name'):
        keep_recipe(tmp_path / 'recipe', 'a = 3')
    assert (tmp_path / 'recipe/recipe.py').read_text() == 'a = 2'


def tried(folder, how='killed'):
    folder.mkdir(parents=True)
    (folder / 'config.py').touch()
    begin_attempt(folder, None, 'a').end(how)
    return folder


def test_a_recipe_takes_the_place_of_one_that_nothing_came_of(tmp_path):
    folder = tmp_path / 'recipe'
    assert keep_recipe(folder, 'a = 1\nb = 1') == 0
    failed, vain = tried(folder / '000000-0', 'error'), tried(folder / '000001-0')
    result(status='failed', reason='error').write(failed)
    (failed / 'epoch_1.pth').touch()
    (folder / '000002-0').mkdir()
    (folder / 'logs').mkdir()
    assert keep_recipe(folder, 'a = 1\nb = 2') == 1
    assert (folder / 'recipe.py').read_text() == 'a = 1\nb = 2'
    assert not list(failed.iterdir()) and not list(vain.iterdir())


@pytest.mark.parametrize('keep', [
    lambda folder: result(last_error=5.0).write(tried(folder)),  # trained
    lambda folder: (tried(folder) / 'result.json').write_text('{'),  # trained, perhaps
    lambda folder: begin_attempt(tried(folder), None, 'b'),  # being trained
    lambda folder: (tried(folder, 'interrupted') / 'epoch_1.pth').touch(),  # begun
])
def test_a_recipe_that_something_came_of_stays(tmp_path, keep):
    folder = tmp_path / 'recipe'
    keep_recipe(folder, 'a = 1\nb = 1\nc = 1')
    result(status='failed', reason='error').write(tried(folder / '000000-0'))
    keep(folder / '000001-0')
    before = sorted(folder.rglob('*'))
    with pytest.raises(PopulationError, match="--name; the first difference: 'b = 1' there, 'b = 2 b = 3' here"):
        keep_recipe(folder, 'a = 1\nb = 2\nb = 3\nc = 1')
    assert sorted(folder.rglob('*')) == before and (folder / 'recipe.py').read_text() == 'a = 1\nb = 1\nc = 1'


def test_of_equal_errors_the_first_network_is_the_best(runs):
    for run in runs:  # the longest, 000001, first
        result(network=run.network.name, seed=run.seed, last_error=9.0).write(run.folder)
    best = Watch(runs).look().best
    assert (best.network, best.seed) == ('000000', 0)


def test_a_standing_tells_the_states_apart(runs):
    done, failed, running, waiting, *_ = runs
    result(network=done.network.name, last_error=9.0, seconds=100.0).write(done.folder)
    result(network=failed.network.name, seed=1, status='failed', reason='killed').write(failed.folder)
    begin_attempt(running.folder, None, 'a')
    (running.folder / 'progress.json').write_text('{"fraction": 0.5}')
    standing = Watch(runs).look()
    assert (len(standing.done), len(standing.failed), standing.total, standing.ended) == (1, 1, 6, 2)
    assert [(run, fraction) for run, _, fraction in standing.running] == [(running, 0.5)]
    assert waiting in [run for run, _ in standing.waiting] and standing.best.last_error == 9.0
    left = 0.5 * running.cost + sum(run.cost for run in runs[3:])
    assert standing.seconds_left == pytest.approx(100 * left / done.cost)


def test_the_time_left_does_not_jump_while_a_worker_is_between_two_runs(runs):
    first, second, done, *_ = runs
    result(network=done.network.name, seed=done.seed, last_error=9.0, seconds=100.0).write(done.folder)
    begin_attempt(first.folder, None, 'a')
    attempt, watch = begin_attempt(second.folder, None, 'a'), Watch(runs)
    both = watch.look().seconds_left
    attempt.end('stopped')
    assert watch.look().seconds_left == pytest.approx(both)
    for _ in range(10):  # it does not come back
        alone = watch.look().seconds_left
    assert alone == pytest.approx(2 * both)


@pytest.mark.parametrize('text', ['', '[]', 'null', '{"fraction": "x"}', '{"fraction": 1e999}', '{"fraction": NaN}', '{}',
                                  '{"fraction": -0.1}', '{"fraction": 1.1}', '{"fraction": ' + '9' * 400 + '}', ENDLESS])
def test_damaged_progress_is_none(runs, text):
    (runs[0].folder / 'progress.json').write_text(text)
    assert runs[0].progress == {} and (runs[0], 0.0) in Watch(runs).look().waiting
    (runs[0].folder / 'progress.json').write_text('{"fraction": 0.5, "time": 1}')
    assert runs[0].progress == dict(fraction=0.5, time=1)


@pytest.mark.parametrize('name, look', [('progress.json', lambda run: run.progress),
                                        ('last_checkpoint', lambda run: run.checkpoint)])
def test_what_a_training_notes_is_not_missing_where_it_cannot_be_read_now(runs, unreadable, name, look):
    assert not look(runs[0])
    (runs[0].folder / name).write_text('{"fraction": 0.5}')
    with unreadable(runs[0].folder / name), pytest.raises(OSError, match=name):
        look(runs[0])
    assert look(runs[0])


def test_a_retried_run_keeps_its_checkpoints_only(runs):
    folder = runs[0].folder
    begin_attempt(folder, None, 'a').end('error')
    for name in ('config.py', 'epoch_1.pth', 'last_checkpoint'):
        (folder / name).touch()
    result(network=runs[0].network.name, status='failed', reason='error').write(folder)
    runs[0].forget_failure()
    assert sorted(path.name for path in folder.iterdir()) == ['epoch_1.pth', 'last_checkpoint']


def test_planned_runs_are_found_again(runs, tmp_path):
    population = Population.create(tmp_path / 'population', {})
    list(population.append([runs[4].network, runs[0].network, runs[2].network]))
    folder = tmp_path / 'population/runs/recipe'
    keep_recipe(folder, '')
    planned = plan_runs(folder, list(population), (0, 1))
    found = planned_runs(population)
    assert list(found) == [folder] and sorted(run.name for run in found[folder]) == sorted(run.name for run in planned)
    assert {run.name: run for run in found[folder]} == {run.name: run for run in planned}
    for name in ('backup-2', '000001-0-1', '000000-00', '000000-x', 'regnetx_200mf-0'):
        (folder / name).mkdir()
    (folder / 'slurm-123').touch()
    (folder / '000000-5').touch()
    assert planned_runs(population) == found
    (folder / '000009-0').mkdir()
    with pytest.raises(PopulationError, match='000009-0 is a run of a network'):
        planned_runs(population)


@pytest.mark.parametrize('name', ['', '.', '..', '../esc', '/tmp', 'a/b', 'name/', 'a\0b'])
def test_a_name_is_that_of_one_folder(tmp_path, name):
    population = Population.create(tmp_path / 'population', {})
    with pytest.raises(ValueError, match='a name is that of one folder, but it is'):
        recipe_folder(population, name)


def test_what_was_planned_in_vain_goes_and_what_was_begun_stays(runs, tmp_path):
    folder = tmp_path / 'population/runs/recipe'
    keep_recipe(folder, 'a = 1')
    planned = plan_runs(folder, [runs[0].network, runs[2].network], (0, ))
    (planned[0].folder / 'config.py').touch()
    unplan_runs(planned)
    assert sorted(path.name for path in folder.iterdir()) == [planned[0].name, 'recipe.py']
    (planned[0].folder / 'config.py').unlink()
    unplan_runs(planned)
    assert not list((tmp_path / 'population').iterdir())


def test_a_file_is_created_whole_or_not_at_all(tmp_path):
    assert create(tmp_path / 'file', 'one') and not create(tmp_path / 'file', 'two')
    assert (tmp_path / 'file').read_text() == 'one' and len(list(tmp_path.iterdir())) == 1
