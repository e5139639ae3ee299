"""The check of a GPU: its parts, what is kept of them whatever happens, and what its page says."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from killing import ROOT, ended
from rated_populations import rated_population
from small_population import kill

from regnet_plugin.benchmarks.detector_comparison import ComparedDetector
from regnet_plugin.benchmarks.gpu_check import checking
from regnet_plugin.benchmarks.gpu_check.form import FORMS, MINIATURE, ON_GPU
from regnet_plugin.benchmarks.gpu_check.goals import goals_of
from regnet_plugin.benchmarks.gpu_check.gpu_tests import GpuTests, run_gpu_tests
from regnet_plugin.benchmarks.gpu_check.measuring_process import MeasuringProcess
from regnet_plugin.benchmarks.gpu_check.page import gpu_page
from regnet_plugin.benchmarks.gpu_check.parts import Place, kinds_of_rows, parts_of
from regnet_plugin.benchmarks.gpu_check.record import (
    Check,
    Circumstances,
    MeasuredPart,
    read_check,
    write_check,
)
from regnet_plugin.benchmarks.library_comparison import ComparedStep
from regnet_plugin.benchmarks.loader_rates import LoaderRate
from regnet_plugin.benchmarks.populations.memory_formats import ComparedFormats
from regnet_plugin.benchmarks.populations.population_rates import PopulationRate, _rate
from regnet_plugin.cli.errors import UserError
from regnet_plugin.files import alone_at

TREE = Place(ROOT, ROOT)
NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
KINDS = {GpuTests, ComparedStep, ComparedDetector, ComparedFormats, PopulationRate, LoaderRate}
HERE = Circumstances('cuda', 'A GPU', 80 * 2**30, 'A CPU', 16, 'Linux x86_64', {'torch': '2.10'})
ON_CPU = replace(HERE, device='cpu', processor='A CPU', memory=None)
FAST = ON_GPU.fast_path
X = 'regnetx_3.2gf'


@pytest.mark.parametrize('form', FORMS.values(), ids=FORMS)
def test_both_forms_have_the_same_kinds_of_parts(form):
    parts = parts_of(form, TREE)
    names = [part.name for part in parts]
    assert {part.kind for part in parts} == KINDS and len(set(names)) == len(names)
    assert all(0 < form.patience * part.seconds < form.seconds for part in parts)


def test_on_a_gpu_what_was_asked_for_is_measured():
    assert list(ON_GPU.networks) == ['regnetx_3.2gf', 'regnety_4.0gf', 'regnety_16gf']
    assert ON_GPU.seconds < 600 and ON_GPU.patience == 1
    assert ON_GPU.workers == (1, 8) and ON_GPU.digits == 16 and ON_GPU.detector == 'regnetx_3.2gf'
    wanted = {
        (goal.what.split(':')[1].strip(), goal.wanted) for goal in goals_of(ON_GPU, Check(HERE, {}))
    }
    assert wanted == {
        ('time of timm, eager, by ours, eager', 1.0),
        ('time of timm, eager, by ours on the fast path', 1.2),
    }


def test_without_tests_there_is_no_part_of_them(tmp_path):
    names = [part.name for part in parts_of(ON_GPU, Place(tmp_path, tmp_path))]
    assert names == [part.name for part in parts_of(ON_GPU, TREE)][1:]


def step(library, *seconds, path='eager', kind='training', peak=2**20):
    return ComparedStep(X, kind, path, library, 64, seconds, peak)


ROWS = {
    'tests': [GpuTests(3, 1, ('test_one', 'test_two'))],
    f'steps of {X}': [
        step('ours', 0.1, 0.4, 0.2),
        step('timm', 0.2, 0.2, 0.3, peak=2**21),
    ],
    'memory formats of small networks': [ComparedFormats('000007', 64, (0.2, 0.4), (0.1, 0.2))],
    'population': [PopulationRate(1, 16, 0, 36.0), PopulationRate(8, 16, 1, 9.0)],
    'detector': [
        ComparedDetector(X, 'training', name, 2, (800, 1344), (0.3,), peak)
        for name, peak in (('ours', 2**20), ('mmdet', 2**21))
    ],
    f'fast path of {X}': [
        step('ours', 0.1, 0.1, 0.1),
        step('timm', 0.11, 0.12, 0.3),
        step('ours', 0.05, 0.05, 0.1, path=FAST),
    ],
    'loader': [LoaderRate('its own images', 'cv2', 8, 1234.0)],
}
CHECK = Check(HERE, {name: MeasuredPart('measured', tuple(rows)) for name, rows in ROWS.items()})


def test_the_file_holds_all_that_was_measured(tmp_path):
    write_check(tmp_path / 'check.json', CHECK)
    assert read_check(tmp_path / 'check.json', kinds_of_rows(ROOT)) == CHECK
    assert read_check(tmp_path / 'no.json', kinds_of_rows(ROOT)) is None


@pytest.mark.parametrize(
    'broken',
    [
        'nothing',
        '[]',
        '{}',
        '{"circumstances": {}, "parts": {}}',
        '{"circumstances": 5, "parts": []}',
        None,
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path, broken):
    path = tmp_path / 'check.json'
    write_check(path, CHECK)
    path.write_text(broken or path.read_text().replace('"measured"', '"perhaps"'))
    with pytest.raises(ValueError, match='must be what tools/check_gpu.py wrote, but') as caught:
        read_check(path, kinds_of_rows(ROOT))
    assert '\n' not in str(caught.value)


class Recorded:
    """In the place of the process that measures: remembers what it was asked for."""

    asked: list = []
    ends: dict = {}  # by name, what comes of a part that is not measured

    def __init__(self, *arguments):
        type(self).asked = []

    def measure(self, part, seconds, tell):
        self.asked.append(part.name)
        tell(0.0)
        ending = self.ends.get(part.name, 'measured')
        if ending == 'killed':
            raise KeyboardInterrupt
        return MeasuredPart(ending, ())

    def end(self):
        self.asked.append('end')


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Check this machine, with nothing measured."""
    monkeypatch.setattr(checking, 'MeasuringProcess', Recorded)
    monkeypatch.setattr(checking, 'circumstances_here', lambda: ON_CPU)

    def run(afresh=False, **ends):
        monkeypatch.setattr(Recorded, 'ends', ends)
        path = tmp_path / 'gpu/check.json'
        return checking.check_here(
            path, ROOT, afresh=afresh, progress=lambda *told: None, say=lambda text: None
        )

    return run


NAMES = [part.name for part in parts_of(FORMS['cpu'], TREE)]


@NO_GPU
def test_what_is_measured_is_not_measured_again_and_what_failed_is(check, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        check(population='killed', tests='failed')
    here = NAMES.index('population')
    assert Recorded.asked == [*NAMES[: here + 1], 'end']
    kept = json.loads((tmp_path / 'gpu/check.json').read_text())['parts']
    assert list(kept) == NAMES[:here] and kept['tests']['status'] == 'failed'
    found = check(loader='out of time')
    assert Recorded.asked == ['tests', *NAMES[here:], 'end']
    assert not checking.is_complete(found, ROOT)
    assert checking.is_complete(check(), ROOT) and Recorded.asked == ['loader', 'end']
    check(afresh=True)
    assert Recorded.asked == [*NAMES, 'end']
    names = [path.name for path in (tmp_path / 'gpu').iterdir()]
    assert sorted(names) == ['check.json', 'check.log']


@NO_GPU
@pytest.mark.parametrize(
    'other, named',
    [
        (replace(ON_CPU, processor='Another'), 'processor'),
        (replace(ON_CPU, versions={'torch': '2.11', 'timm': '1'}), 'torch, timm'),
    ],
)
def test_what_another_machine_measured_stays(check, monkeypatch, tmp_path, other, named):
    check()
    before = (tmp_path / 'gpu/check.json').read_text()
    monkeypatch.setattr(checking, 'circumstances_here', lambda: other)
    with pytest.raises(UserError, match=f'differs in {named}; --overwrite replaces it'):
        check()
    assert (tmp_path / 'gpu/check.json').read_text() == before
    check(afresh=True)
    assert (tmp_path / 'gpu/check.json').read_text() != before


@NO_GPU
def test_one_check_at_a_time(check, tmp_path):
    (tmp_path / 'gpu').mkdir()
    with alone_at(tmp_path / 'gpu/check.log'):
        with pytest.raises(UserError, match='one check at a time, but another one writes'):
            check()


@NO_GPU
def test_a_start_ends_when_its_time_is_over(check, monkeypatch):
    monkeypatch.setitem(FORMS, 'cpu', replace(MINIATURE, seconds=1))
    now = iter(range(0, 1000))
    monkeypatch.setattr(checking.time, 'monotonic', lambda: next(now) / 2)
    found = check()
    assert list(found.parts) == NAMES[:1] and not checking.is_complete(found, ROOT)


@NO_GPU
def test_the_process_that_measures_is_ended_when_a_part_takes_too_long(tmp_path):
    process = MeasuringProcess('cpu', Place(ROOT, tmp_path), tmp_path / 'log')
    part = next(part for part in parts_of(MINIATURE, TREE) if part.kind is ComparedFormats)
    measured = process.measure(part, 0.01, lambda seconds: None)
    assert measured.status == 'out of time' and process._process is None
    missing = replace(part, name='no such part')  # which is no error of a part, but of the process
    measured = process.measure(missing, 60, lambda seconds: None)
    assert (measured.status, measured.message) == ('failed', 'its process ended with 1')
    assert 'KeyError' in (tmp_path / 'log').read_text()


def test_goals_are_of_rounds_and_of_what_is_there():
    found = {goal.what: (goal.found, goal.outcome) for goal in goals_of(ON_GPU, CHECK)}
    eager = f'{X}, training: time of timm, eager, by ours, eager'
    fast = f'{X}, training: time of timm, eager, by ours on the fast path'
    # medians of 2, 0.5, 1.5, and of 2.2, 2.4, 3
    assert found[eager] == (pytest.approx(1.5), 'reached')
    assert found[fast] == (pytest.approx(2.4), 'reached')
    assert found[f'{X}, inference: time of timm, eager, by ours, eager'] == (None, 'not measured')
    rows = (step('ours', 1.0), step('timm', 0.99))
    slower = Check(HERE, {f'steps of {X}': MeasuredPart('measured', rows)})
    assert next(iter(goals_of(ON_GPU, slower))).outcome == 'missed'


def test_the_page_says_what_was_measured():
    parts = {**CHECK.parts, 'loader': MeasuredPart('failed', (), 'a | b\x1b[31m')}
    page = gpu_page(Check(HERE, parts), ROOT)
    for text in (
        'A GPU (80 GiB); 16 cores of A CPU; Linux x86_64;',
        '3 passed, 2 failed, 1 skipped: test_one, test_two.',
        '| training | eager | timm | 200.00 | 25% | 1.500 | 1.000 | 320 | 2 | 2.000 |',
        '| 1 | 16 | 0 | 36.0 | 1600 | 1.000 |\n| 8 | 16 | 1 | 9.0 | 6400 | 4.000 |',
        '| training | mmdet | 300.00 | 0% | 1.000 | 2 | 2.000 |',
        'by that with them innermost: 2.000; 0 of 1 networks are slower',
        r'**Failed**: a \| b\x1b[31m.',
        '## Steps of regnety_16gf\n\nTraining and inference of regnety_16gf in batches of 64',
        '**Not measured yet.**',
    ):
        assert text in page, text
    assert 'of a CPU' not in page and 'Not measured on a GPU' not in page


def test_the_page_of_a_cpu_says_that_it_proves_nothing():
    page = gpu_page(Check(ON_CPU, {}), ROOT)
    assert '**This is of a CPU, in miniature:' in page and 'proves nothing about a GPU' in page


def test_outcomes_of_tests_are_counted(tmp_path):
    folder = tmp_path / 'tests/gpu'
    folder.mkdir(parents=True)
    (folder / 'test_some.py').write_text(
        'import pytest\ndef test_good(): pass\ndef test_bad(): assert 0\n'
        'def test_broken(no_fixture): pass\n@pytest.mark.skip\ndef test_skipped(): pass\n'
    )
    assert run_gpu_tests(folder) == GpuTests(1, 1, ('test_bad', 'test_broken'))
    (folder / 'test_some.py').unlink()
    with pytest.raises(RuntimeError, match='pytest ended with 5: .*no tests ran'):
        run_gpu_tests(folder)


def test_a_rate_is_from_the_first_training_to_the_last_result(tmp_path):
    """Each has taken 12.5 seconds, and the last two ended 10 and 30 seconds after the first."""
    folder = rated_population(tmp_path / 'population', 'regnetx_digits', 4, failed=1, recipe='by_1')
    runs = folder / 'runs/by_1'
    for path, ended_at in zip(sorted(runs.glob('*/result.json')), (1000, 1000, 1010, 1030)):
        os.utime(path, (ended_at, ended_at))
    rate = _rate(runs, 1)
    assert rate == PopulationRate(1, 4, 1, 42.5) and rate.per_hour == pytest.approx(338.8, abs=0.1)


@NO_GPU
def test_without_a_gpu_the_tool_refuses_and_says_what_it_can(run_tool, tmp_path):
    done = run_tool('check_gpu.py')
    assert done.returncode == 2 and not list(tmp_path.iterdir())
    message = done.stderr.splitlines()[-1]
    assert message.startswith('error: the check needs a GPU') and '--device cpu tries' in message
    for arguments, said in (
        (['--page'], 'but there is no work_dirs/gpu/check_gpu.json'),
        (['--out', 'x.txt'], '--out must end with .json, but it is x.txt'),
        (['--page', '--overwrite'], '--page measures nothing'),
    ):
        done = run_tool('check_gpu.py', *arguments)
        assert done.returncode == 2 and said in done.stderr.splitlines()[-1]


def start(out):
    command = [sys.executable, ROOT / 'tools/check_gpu.py', '--device', 'cpu', '--out', out]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1'},
    )


def parts_in(path):
    return json.loads(path.read_text())['parts'] if path.exists() else {}


def test_the_miniature_measures_all_parts_on_a_cpu_and_goes_on_after_a_kill(tmp_path):
    out = tmp_path / 'check.json'
    process = start(out)
    deadline = time.monotonic() + 600
    while not parts_in(out):
        assert process.poll() is None and time.monotonic() < deadline, ended(process)
        time.sleep(0.1)
    kill(process.pid)
    process.communicate(timeout=60)
    before = parts_in(out)
    assert set(before) < set(NAMES)
    process = start(out)
    output, _ = process.communicate(timeout=1800)
    parts = parts_in(out)
    assert process.returncode == 0, f'{output}\n{(tmp_path / "check.log").read_text()[-2000:]}'
    assert list(parts) == NAMES and all(part['status'] == 'measured' for part in parts.values())
    assert all(parts[name] == before[name] for name in before)
    if not torch.cuda.is_available():
        (tests,) = parts['tests']['rows']
        assert tests['passed'] == 0 < tests['skipped'] and tests['failed'] == []
    page = (tmp_path / 'check.md').read_text()
    assert '**This is of a CPU, in miniature' in page and 'Not measured' not in page
    assert len(re.findall(r'^## ', page, re.MULTILINE)) == 1 + len(NAMES)
    libraries = {row['library'] for row in parts['steps of regnety_400mf']['rows']}
    assert libraries == {'ours', 'ours again', 'timm', 'torchvision'}
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ['check.json', 'check.log', 'check.md']
