"""A page that is made again while its populations are trained: when, what it says, how it ends."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from killing import ROOT, ended
from rated_populations import rated_population
from shown_documents import document
from small_population import sampled, start_training

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.planning import planned_runs
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.store import Population
from regnet_plugin.report import report as report_module
from regnet_plugin.report.page import html_of, write_html
from regnet_plugin.report.report import report, write_report
from regnet_plugin.report.watching import keep_current

REFRESH = '<meta http-equiv="refresh" content="1">'


class Training:
    """Stands for trainings and time: at each wait what is to happen then happens."""

    def __init__(self, *events):
        self.events, self.waits = list(events), []

    def wait(self, seconds):
        self.waits.append(seconds)
        self.events.pop(0)()


class Pages:
    """Remembers which pages were to be written, and writes none unless it has a path."""

    def __init__(self, path=None, then=lambda number: None):
        self.path, self.partial, self.then = path, [], then

    def write(self, is_partial):
        self.partial.append(is_partial)
        if self.path:
            write_html(self.path, replace(document(), refresh=60))
        self.then(len(self.partial))


def nothing():
    pass


def interrupt(*_):
    raise KeyboardInterrupt


def end_one(folder, status='done'):
    """Give the next run of a population its result."""
    (runs,) = planned_runs(Population.open(folder)).values()
    run = next(run for run in runs if not run.ended)
    outcome = dict(last_error=5.0) if status == 'done' else dict(reason='diverged')
    Result(network=run.network.name, seed=run.seed, recipe='short', status=status, **outcome).write(
        run.folder
    )


def watch(pages, training, *folders, path=Path('page.html'), recipe=None, seconds=60):
    keep_current(
        path, pages.write, folders=folders, recipe=recipe, seconds=seconds, wait=training.wait
    )


def test_a_page_is_made_when_results_came_in_and_at_last_when_all_did(tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 5, waiting=2)
    pages = Pages()
    training = Training(
        nothing,
        nothing,
        lambda: end_one(folder),
        nothing,
        lambda: end_one(folder, status='failed'),
    )
    watch(pages, training, folder)
    assert pages.partial == [True, True, False]
    # the least time between two pages, then glances until something came in; and again
    assert training.waits == [60, 10, 10, 60, 10]


def test_what_came_in_while_the_page_was_made_is_on_the_next_one(tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 5, waiting=2)
    pages = Pages(then=lambda number: end_one(folder) if number < 3 else None)
    training = Training(nothing, nothing)
    watch(pages, training, folder)
    assert pages.partial == [True, True, False] and training.waits == [60, 60]


def test_it_waits_for_a_population_that_is_not_trained_yet(tmp_path):
    done = rated_population(tmp_path / 'done', 'regnetx_digits', 3)
    later = sampled(tmp_path / 'later')
    rated_population(tmp_path / 'trained', 'regnetx_digits', 3)
    pages = Pages()
    training = Training(
        nothing, nothing, lambda: (tmp_path / 'trained/runs').rename(later / 'runs')
    )
    watch(pages, training, done, later, seconds=2)
    assert pages.partial == [True, False] and training.waits == [2, 2, 2]


def test_runs_of_other_recipes_do_not_matter_where_one_is_named(tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3)
    part = rated_population(tmp_path / 'part', 'regnetx_digits', 3, waiting=1, recipe='other')
    (part / 'runs/other').rename(folder / 'runs/other')
    pages = Pages()
    watch(pages, Training(), folder, recipe='short')
    assert pages.partial == [False]


def test_interrupted_the_page_stays_and_is_loaded_no_more(tmp_path):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3, waiting=1)
    path = tmp_path / 'page.html'
    with pytest.raises(KeyboardInterrupt):  # before there is any page
        watch(Pages(then=interrupt), Training(), folder, path=path)
    assert not path.exists()
    # while it waits, and as soon as the page is written
    for pages in (Pages(path), Pages(path, then=interrupt)):
        with pytest.raises(KeyboardInterrupt):
            watch(pages, Training(interrupt), folder, path=path)
        assert path.read_text() == html_of(document())


def test_a_glance_at_many_runs_asks_no_more_than_one_at_few(tmp_path, monkeypatch):
    asked = []
    for name in ('listdir', 'scandir', 'stat', 'lstat', 'open'):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *args, real=real, **kwargs: asked.append(args) or real(*args, **kwargs)
        )
    counts = {}
    for size in (20, 200):
        folder = rated_population(tmp_path / str(size), 'regnetx_digits', size, waiting=size)

        def stop(size=size):
            counts[size] = len(asked)
            raise KeyboardInterrupt

        training = Training(asked.clear, stop)
        with pytest.raises(KeyboardInterrupt):
            watch(Pages(), training, folder, path=tmp_path / 'page.html')
    assert counts[20] == counts[200] <= 20


def test_the_old_page_has_its_files_until_there_is_a_new_one(tmp_path, monkeypatch):
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 3)
    whole = report(read_records(folder))
    empty = replace(whole, sections=())
    path = tmp_path / 'page.html'
    write_report(whole, path)
    old = set((tmp_path / 'page_files').iterdir())
    with monkeypatch.context() as patched:
        patched.setattr(report_module, 'write_html', interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_report(empty, path)
    assert set((tmp_path / 'page_files').iterdir()) == old and len(old) > 1
    write_report(empty, path)
    assert [file.name for file in (tmp_path / 'page_files').iterdir()] == ['networks.csv']


def test_a_browser_loads_a_page_again_that_is_made_again(tab, tmp_path):
    path = tmp_path / 'page.html'
    path.write_text(html_of(replace(document(), refresh=1)))
    tab.open(path.as_uri())
    path.write_text(html_of(replace(document(), title='New')))
    deadline = time.monotonic() + 60
    while tab.evaluate('document.title') != 'New':
        assert time.monotonic() < deadline
    assert 'http-equiv="refresh"' not in path.read_text()


def start(folder, *arguments):
    """Start the tool in a group of its own."""
    return subprocess.Popen(
        [sys.executable, ROOT / 'tools/report_population.py', *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )


def test_a_population_is_reported_while_it_is_trained(tmp_path):
    """From before its training to its end, with real networks on the digits."""
    population = sampled(tmp_path / 'population')
    process = start(tmp_path, 'population', '--watch', '1')
    first = process.stdout.readline()
    assert first.endswith('Partial: 0 of 3 networks have ended. report.html\n')
    page = (tmp_path / 'report.html').read_text()
    assert REFRESH in page and '<title>population (partial: 0 of 3)</title>' in page
    training = start_training(population)
    said = training.communicate(timeout=300)[0]
    assert training.returncode == 0, said
    try:
        output, errors = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        pytest.fail(ended(process))
    assert (process.returncode, errors) == (0, ''), errors
    partial = [line for line in output.splitlines() if 'Partial' in line]
    counts = [int(line.split()[2]) for line in partial]
    assert counts == sorted(counts)
    *_, place = output.splitlines()
    assert output.splitlines()[len(partial)] == '1 population, 3 networks: 3 with an error.'
    assert place == 'report.html, with figures and tables in report_files'
    page = (tmp_path / 'report.html').read_text()
    assert 'http-equiv="refresh"' not in page and 'artial' not in page
    assert (tmp_path / 'report_files/edf.pdf').exists()


def test_ctrl_c_ends_it_in_a_line(tmp_path):
    rated_population(tmp_path / 'population', 'regnetx_digits', 5, waiting=2)
    process = start(tmp_path, 'population', '--watch')
    assert 'Partial: 3 of 5 networks have ended.' in process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (
        130,
        '',
        'interrupted: the same command goes on\n',
    )
    page = (tmp_path / 'report.html').read_text()
    assert 'http-equiv="refresh"' not in page and '(partial: 3 of 5)' in page


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['table.csv', '--watch'], '--watch must be of a folder that is trained'),
        (['population', '--watch', '0'], '--watch must be at least 1 second, but it is 0'),
        (['.', '--watch'], 'population.json'),
    ],
)
def test_what_cannot_be_watched_is_refused_in_a_line(tmp_path, run_tool, arguments, message):
    (tmp_path / 'table.csv').write_text('error\n5\n6\n')
    (tmp_path / 'population').mkdir()
    done = run_tool('report_population.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1], done.stderr
