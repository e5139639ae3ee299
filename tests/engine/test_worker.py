"""What a worker does with a run whose files were damaged or removed; the training itself is played."""
import shutil
import threading

import pytest
from killing import ROOT
from mmengine.config import Config
from small_population import sampled

from regnet_plugin.engine.worker import Worker
from regnet_plugin.population.results import Result, read_result
from regnet_plugin.population.runs import Work, keep_recipe, plan_runs, recipe_folder
from regnet_plugin.population.store import Population


class Played:
    """In place of `Server`: what each training does with its folder, and what is said of it."""

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
    Result(network='000000', seed=0, recipe='recipe', status='done').write(folder)
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


@pytest.fixture
def run(tmp_path):
    population = Population.open(sampled(tmp_path / 'population', 1))
    folder = recipe_folder(population, 'recipe')
    keep_recipe(folder, Config.fromfile(ROOT / 'configs/regnetx_6.5mf_digits.py').pretty_text)
    return plan_runs(folder, list(population), [0])[0]


def work_off(run, *acts):
    worker = Worker(Work((run, )), {}, threading.Event())
    worker._process = Played(*acts)
    worker.work_off()
    return worker._process.trained


def test_an_empty_config_is_written_again_and_a_damaged_one_is_left_to_fail(run):
    path = run.folder / 'config.py'
    expected, = work_off(run, finish)
    for text in (b'', b'\n', bytes(4096)):
        run.folder.joinpath('result.json').unlink()
        path.write_bytes(text)
        assert work_off(run, finish) == [expected]
    run.folder.joinpath('result.json').unlink()
    path.write_text('model = dict(')
    assert work_off(run, finish) == ['model = dict(']


@pytest.mark.parametrize('act', [remove, remove_for_a_moment, remove_and_go_on])
def test_a_run_that_was_removed_is_let_go_and_begun_anew(run, act):
    assert len(work_off(run, act)) == 1
    assert read_result(run.folder) is None and not list(run.folder.glob('attempt*'))
    assert len(work_off(run, finish)) == 1
    assert read_result(run.folder).status == 'done' and (run.folder / 'attempt-1.json').exists()
