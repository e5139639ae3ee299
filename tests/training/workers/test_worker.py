"""What a worker does with a run whose files were damaged or removed; the training is played."""

import itertools
import json
import math
import os
import shutil
import threading
from types import SimpleNamespace

import pytest
from killing import ROOT
from mmengine.config import Config
from small_population import sampled

from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.runs import attempts
from regnet_plugin.population.runs.attempts import attempts_of, begin_attempt
from regnet_plugin.population.runs.planning import Work, plan_runs, recipe_folder
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.results import Result, read_result
from regnet_plugin.population.store import Population
from regnet_plugin.training.workers import worker
from regnet_plugin.training.workers.place import Place
from regnet_plugin.training.workers.worker import Worker


class Played:
    """In place of `ReusedTrainee`: what a training does with its folder, and what is said of it."""

    def __init__(self, *acts):
        self.acts, self.trained = list(acts), []

    def prepare(self, stop):
        pass

    def train(self, folder):
        self.trained.append((folder / 'config.py').read_text())
        self.said = self.acts.pop(0)(folder)

    def outcome(self, folder, seconds):
        return self.said

    def kill(self):
        pass


def finish(folder):
    network = folder.name.partition('-')[0]
    Result(network=network, seed=0, recipe='recipe', status='done').write(folder)
    return dict(outcome='done', message='')


def remove(folder):
    shutil.rmtree(folder)
    return dict(outcome='error', message='FileNotFoundError')


def remove_for_a_moment(folder):
    shutil.rmtree(folder)
    (folder / 'logs').mkdir(parents=True)  # MMEngine makes what it misses
    return dict(outcome='error', message='FileNotFoundError')


def remove_and_go_on(folder):
    shutil.rmtree(folder)


def move(folder):
    folder.parents[2].rename(folder.parents[2].with_name('elsewhere'))
    return dict(outcome='error', message='FileNotFoundError')


def move_and_leave_a_checkpoint(folder):
    outcome = move(folder)
    folder.mkdir(parents=True)  # MMEngine makes what it misses
    (folder / 'epoch_1.pth').touch()
    return outcome


def planned(folder, size):
    population = Population.open(sampled(folder / 'population', size))
    folder = recipe_folder(population, 'recipe')
    keep_recipe(folder, Config.fromfile(ROOT / 'configs/regnetx_6.5mf_digits.py').pretty_text)
    return plan_runs(folder, list(population), [0], order=0)


@pytest.fixture
def run(tmp_path):
    return planned(tmp_path, 1)[0]


def work_off(run, *acts, workers=1):
    return work_off_all([run], *acts, workers=workers)


def work_off_all(runs, *acts, workers=1):
    place = Place()
    place.workers = workers
    one = Worker(Work(tuple(runs)), {}, threading.Event(), place)
    one._process = Played(*acts)
    one.work_off()
    return one._process.trained


def test_only_the_config_of_recipe_and_network_is_trained_and_another_one_is_put_aside(run, capsys):
    path = run.folder / 'config.py'
    (expected,) = work_off(run, finish)
    for text in (b'', b'\n', bytes(4096)):
        run.folder.joinpath('result.json').unlink()
        path.write_bytes(text)
        assert work_off(run, finish) == [expected]
    capsys.readouterr()
    trace = run.folder.parent / 'trace'
    for number, text in enumerate(
        (
            'model = dict(',
            f'open({str(trace)!r}, "w")\n{expected}',
            expected.replace('max_epochs=15', 'max_epochs=2'),
        ),
        1,
    ):
        run.folder.joinpath('result.json').unlink()
        path.write_text(text)
        assert text != expected and work_off(run, finish) == [expected]
        assert (
            path.with_name(
                'config.py.broken' if number == 1 else f'config.py.broken-{number}'
            ).read_text()
            == text
        )
        assert (
            f'{path} was another config than recipe makes of its network: it was put aside'
            in capsys.readouterr().out
        )
    assert not trace.exists()


def run_out_of_memory(folder):
    return dict(outcome='out of memory', message='OutOfMemoryError: CUDA out of memory')


def test_who_runs_out_of_memory_beside_others_is_trained_again_alone(run, capsys):
    assert len(work_off(run, run_out_of_memory, finish, workers=2)) == 2
    assert read_result(run.folder).status == 'done'
    assert attempts_of(run.folder)[0].ended == 'interrupted'
    said = f'note: {run.name} ran out of memory beside others, and is trained alone'
    assert said in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize('workers, trained', [(2, 2), (1, 1)])
def test_who_runs_out_of_memory_alone_has_failed(run, capsys, workers, trained):
    acts = [run_out_of_memory] * trained
    assert len(work_off(run, *acts, workers=workers)) == trained
    result = read_result(run.folder)
    assert (result.status, result.reason) == ('failed', 'out of memory')


def test_who_is_alone_in_a_place_waits_for_all_and_all_wait_for_it():
    place, stop, told = Place(), threading.Event(), []
    entered, leave = threading.Event(), threading.Event()

    def alone():
        with place.room(stop, alone=True):
            told.append('alone')
            entered.set()
            leave.wait(10)
            told.append('alone no more')

    def beside():
        with place.room(stop):
            told.append('beside')

    with place.room(stop), place.room(stop):  # two may be there together
        threads = [threading.Thread(target=alone)]
        threads[0].start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    threads.append(threading.Thread(target=beside))
    threads[1].start()
    threads[1].join(0.2)
    assert told == ['alone']
    leave.set()
    for thread in threads:
        thread.join(10)
    assert told == ['alone', 'alone no more', 'beside']
    with place.room(stop):
        stop.set()
        with place.room(stop, alone=True):  # nobody waits for what is not wanted any more
            pass


@pytest.mark.parametrize('act', [remove, remove_for_a_moment, remove_and_go_on])
def test_a_run_that_was_removed_is_let_go_and_begun_anew(run, act, monkeypatch):
    monkeypatch.setattr(worker, 'BEAT', 0.01)
    assert len(work_off(run, act)) == 1
    assert read_result(run.folder) is None and not list(run.folder.glob('attempt*'))
    assert len(work_off(run, finish)) == 1
    assert read_result(run.folder).status == 'done' and (run.folder / 'attempt-1.json').exists()


def another_machines(run):
    """Of a clock that was set far ahead."""
    attempt = begin_attempt(run.folder, None, 'token')
    attempt.path.write_text(json.dumps({**attempt.values, 'machine': 'another'}))
    os.utime(attempt.path, (2**33, 2**33))
    return attempt


def test_a_run_of_another_machine_is_watched_and_taken_when_nothing_changes(run, monkeypatch):
    monkeypatch.setattr(attempts, 'STALE', 0.3)
    monkeypatch.setattr(worker, '_WATCH_EVERY', 0.05)
    another_machines(run)
    assert len(work_off(run, finish)) == 1
    assert read_result(run.folder).status == 'done' and (run.folder / 'attempt-2.json').exists()


def test_a_run_of_another_machine_is_left_to_it_when_it_lives(run, monkeypatch):
    monkeypatch.setattr(worker, '_WATCH_EVERY', 0.01)
    attempt, over = another_machines(run), threading.Event()

    def live():
        for second in range(10**6):
            if over.wait(0.01):
                return
            os.utime(attempt.path, (second, second))

    threading.Thread(target=live).start()
    try:
        assert work_off(run) == []
    finally:
        over.set()
    assert not (run.folder / 'attempt-2.json').exists()


def test_runs_that_others_began_are_passed_by_and_those_let_go_are_taken_in_the_end(tmp_path):
    """Begun while the first one is trained: all but the last two."""
    runs = planned(tmp_path, 8)
    order = []

    def finish_in_order(folder):
        order.append(folder.name)
        if len(order) == 1:
            for run in runs[1:6]:
                begin_attempt(run.folder, None, 'of another thread of this process')
            for run in runs[2:4]:
                attempts.attempts_of(run.folder)[0].end('interrupted')
        return finish(folder)

    work_off_all(runs, *5 * [finish_in_order])
    assert order == [runs[number].name for number in (0, 6, 7, 2, 3)]
    assert [run.ended for run in runs] == [True, False, True, True, False, False, True, True]


def test_a_run_that_ended_while_the_training_process_was_started_is_not_taken(run):
    one = Worker(Work((run,)), {}, threading.Event())
    one._process = Played()

    def end(stop):
        begin_attempt(run.folder, None, 'of another process')
        finish(run.folder)
        attempts.attempts_of(run.folder)[0].end('finished')

    one._process.prepare = end
    one.work_off()
    assert [path.name for path in run.folder.glob('attempt*')] == ['attempt-1.json']


def test_of_runs_that_were_begun_in_order_few_are_looked_at(monkeypatch):
    runs = [SimpleNamespace(folder=number) for number in range(100)]
    for tried, place in itertools.product(range(101), (0, 1, 7, 50, 99, 100)):
        looked = []

        def was_tried(number, looked=looked, tried=tried):
            looked.append(number)
            return number < tried

        monkeypatch.setattr(worker, 'was_tried', was_tried)
        assert worker._first_new(runs, place) == max(place, tried)
        assert len(looked) <= 2 * math.log2(max(1, tried - place) + 1) + 2


def test_a_worker_that_searches_what_others_let_go_looks_at_some_runs(tmp_path, monkeypatch):
    runs = planned(tmp_path, 3)
    monkeypatch.setattr(worker, '_SEARCHED', 2)
    one = Worker(Work(runs), {}, threading.Event())
    names = [run.name for run in runs]
    found = {tuple(run.name for run in one._left()) for _ in range(100)}
    assert found == set(itertools.combinations(names, 2))
    finish(runs[1].folder)
    found = {run.name for _ in range(100) for run in one._left()}
    assert found == {names[0], names[2]}


def test_while_a_network_is_trained_a_beat_is_three_operations(run, monkeypatch):
    seconds = [0.0]  # by the clock of the worker
    monkeypatch.setattr(worker, 'time', SimpleNamespace(monotonic=lambda: seconds[0]))
    counted = []

    class Long(Played):
        def outcome(self, folder, patience):
            seconds[0] += patience
            counted.append(counts.copy())
            return finish(folder) if seconds[0] > 120 else None

    one = Worker(Work((run,)), {}, threading.Event())
    one._process = Long(lambda folder: None)
    with counted_operations(run.folder) as counts:
        one.work_off()
    assert counted[220] - counted[20] == dict(utime=10, stat=20)  # in a hundred seconds


@pytest.mark.parametrize('timeout, every', [(1800.0, '10.0'), (12.0, '1.0')])
def test_a_training_tells_how_far_it_is_well_within_its_timeout(run, timeout, every):
    one = Worker(Work((run,), timeout=timeout), {'A': 'b'}, threading.Event())
    variables = one._process._environment
    assert (variables['REGNET_PLUGIN_TELL_EVERY'], variables['A']) == (every, 'b')


def test_a_training_keeps_its_memory_unless_the_user_says_otherwise(run, monkeypatch):
    monkeypatch.delenv('MALLOC_TRIM_THRESHOLD_', raising=False)
    monkeypatch.setenv('MALLOC_MMAP_THRESHOLD_', '4096')
    variables = Worker(Work((run,)), {}, threading.Event())._process._environment
    assert variables['MALLOC_MMAP_THRESHOLD_'] == '4096'
    assert int(variables['MALLOC_TRIM_THRESHOLD_']) == 2**30


def test_what_cannot_be_read_now_is_told_and_no_fault_of_the_network(run):
    def refused(folder):
        return dict(
            outcome='unreadable',
            message=f'{folder}/last_checkpoint cannot be read now: Permission denied',
        )

    for _ in range(5):
        with pytest.raises(
            UserError, match='000000-0/last_checkpoint cannot be read now: Permission denied'
        ):
            work_off(run, refused)
        assert attempts.attempts_of(run.folder)[-1].ended == 'interrupted'
    assert (
        attempts.tries(attempts.attempts_of(run.folder), None) == 0
        and read_result(run.folder) is None
    )


@pytest.mark.parametrize('act', [move, move_and_leave_a_checkpoint])
def test_a_population_that_moves_is_not_trained_where_it_was(run, act):
    with pytest.raises(
        UserError, match=f'{run.folder.parent} is not there any more: it was moved or removed'
    ):
        work_off(run, act, finish)
    assert not list(run.folder.parents[2].rglob('*.json')) and not list(
        run.folder.parents[2].rglob('config.py')
    )
