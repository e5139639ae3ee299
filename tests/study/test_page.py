"""The page of a study, from made-up results whose answers are known."""

import re
from types import SimpleNamespace

import pytest
from killing import ROOT
from study_results import LIKE_THE_PAPER, PLAN, SIZE, made_up_results

from regnet_plugin.study.judging.findings import findings
from regnet_plugin.study.judging.judgement import NOT_STUDIED
from regnet_plugin.study.page import write_page
from regnet_plugin.study.plan_file import read_plan
from regnet_plugin.study.questions import questions
from regnet_plugin.study.results import read_results
from regnet_plugin.study.statistics import smallest_significant


@pytest.fixture(scope='module')
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp('study')
    results = read_results(made_up_results(folder, LIKE_THE_PAPER), folder)
    write_page(results, folder / 'README.md', '# A study\n')
    return SimpleNamespace(folder=folder, results=results, text=(folder / 'README.md').read_text())


def test_every_question_is_answered_and_every_figure_is_there(told):
    titles = re.findall('^## (.*)', told.text, re.MULTILINE)
    assert told.text.startswith('# A study\n') and len(titles) == 14
    figures = re.findall(r'!\[[^]]*\]\((.*?)\)', told.text)
    assert len(figures) == len(set(figures)) and len(figures) >= 10
    for figure in figures:
        text = (told.folder / figure).read_text()
        assert text.startswith('<svg') and 'background: white' in text and 'font-family' in text
    assert {path.name for path in (told.folder / 'figures').iterdir()} == {
        name.partition('/')[2] for name in figures
    }


def test_tables_are_markdown(told):
    for table in re.findall(r'(?:^\|.*\n)+', told.text, re.MULTILINE):
        assert len({line.replace('\\|', '').count('|') for line in table.splitlines()}) == 1, table


def test_a_study_that_has_only_begun(tmp_path):
    results = read_results(made_up_results(tmp_path, dict(anynetx_a=40, regnetx=30)), tmp_path)
    assert [section.key for section in questions(results)] == [
        'read',
        'depths',
        'values',
        'selection',
    ]
    write_page(results, tmp_path / 'page.md')
    assert findings(results)[1].verdict == NOT_STUDIED


def test_the_page_of_a_pilot(run_tool, tmp_path):
    pilot = PLAN.with_name('pilot.py')
    row = (
        '{"network": "%d", "last_error": %s, "best_error": 9, "deviation": %s, "seeds": 3, '
        '"seconds": 3, "flops": 1e6}\n'
    )
    for number, deviation in ((1, 2.0), (2, 1.0)):
        (tmp_path / f'pilot_{number}.jsonl').write_text(
            ''.join(row % (n, 20 + 3 * n, deviation) for n in range(16))
        )
    done = run_tool('report_study.py', '--pilot', '--plan', pilot, '--results', tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [
        line for line in (tmp_path / 'README.md').read_text().splitlines() if line.startswith('| ')
    ][2:]
    names = [part.name for part in read_plan(pilot).parts]
    # the least noise first
    assert [line.split(' | ')[0].strip('| ') for line in rows] == [names[1], names[0]]


def test_the_page_of_schedules(run_tool, tmp_path):
    """Errors of two short trainings: one ranks as the long one does, the other the other way."""
    pilot = PLAN.with_name('fashion') / 'schedule.py'
    row = (
        '{"network": "%d", "last_error": %s, "best_error": 9, "depths": [1, %d], '
        '"widths": [8, 16]}\n'
    )
    for key, sign in dict(
        epochs_1_seed_0=-1, epochs_4_seed_0=1, epochs_4_seed_1=1, epochs_2_seed_0=1
    ).items():
        (tmp_path / f'{key}.jsonl').write_text(
            ''.join(row % (n, 50 + sign * n, 3 + n % 4) for n in range(32))
        )
    done = run_tool('report_study.py', '--pilot', '--plan', pilot, '--results', tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [
        line for line in (tmp_path / 'README.md').read_text().splitlines() if line.startswith('| 3')
    ]
    assert [line.split(' | ')[:5] for line in rows] == [
        ['| 375 steps', '1,500 steps', '-1.00', '1.00', '-1.00']
    ]  # the long trainings of the second are not there yet


@pytest.mark.parametrize(
    'sizes, expected', [((100, 100), 0.20), ((100, 50), 0.24), ((50, 50), 0.28)]
)
def test_the_smallest_significant_distance(sizes, expected):
    """Near the limit 1.358 sqrt((n + m) / nm), and not below it by more than a step."""
    found = smallest_significant(*sizes)
    assert found == pytest.approx(expected, abs=1e-9)
    assert 0 <= found - 1.358 * (sum(sizes) / (sizes[0] * sizes[1])) ** 0.5 < 0.02


def test_the_page_in_the_repository_is_that_of_the_stored_results(tmp_path):
    stored = ROOT / 'docs/study'
    write_page(
        read_results(read_plan(PLAN), stored),
        tmp_path / 'README.md',
        (stored / 'introduction.md').read_text(),
    )
    assert (tmp_path / 'README.md').read_text() == (stored / 'README.md').read_text()
    made, kept = (
        sorted(path.name for path in (folder / 'figures').iterdir())
        for folder in (tmp_path, stored)
    )
    assert made == kept


def test_the_tool(run_tool, tmp_path):
    done = run_tool('report_study.py', '--plan', PLAN, '--results', tmp_path)
    assert done.returncode == 2 and f'{tmp_path} must have results of the parts of' in done.stderr
    made_up_results(tmp_path, dict(anynetx_a=40))
    done = run_tool('report_study.py', '--plan', PLAN, '--results', tmp_path)
    assert (
        done.returncode == 0 and f'| AnyNetX_A | {SIZE} |' in (tmp_path / 'README.md').read_text()
    )
