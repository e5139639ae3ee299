"""Looks of a study at pairs of its populations: what is needed next follows from the tables."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from killing import ROOT

from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.study.looking import look_at_pairs, looked_text, networks_needed
from regnet_plugin.study.plan_file import read_plan
from regnet_plugin.study.results import keep_results

SIZE = 60
PLAN = """
parts = [
    dict(key='a', name='A', space='SPACES/anynetx_a.py', recipe='RECIPE', flops=(0.2e6, 0.3e6),
         size=60, seed=0, SETTINGS),
    dict(key='b', name='B', space='SPACES/regnetx.py', recipe='RECIPE', flops=(0.2e6, 0.3e6),
         size=60, seed=1, SETTINGS),
]
looks = dict(pairs=[('a', 'b')], every=EVERY, most=MOST, margin=0.5)
"""


def plan_of(folder, every=10, most=40, settings=''):
    study = ROOT / 'configs/study'
    text = PLAN.replace('SPACES', str(study)).replace('RECIPE', str(study / 'short.py'))
    text = text.replace('EVERY', str(every)).replace('MOST', str(most))
    path = folder / 'plan.py'
    path.write_text(text.replace(', SETTINGS', settings and f', {settings}'))
    return path


def rows_of(error, trained=0, seed=0):
    names = [f'{number:06d}' for number in range(SIZE)]
    ended = set(first_networks(names, seed, trained))
    return [
        dict(network=name, flops=1e6 + number, depths=[1, 2], widths=[8, 16])
        | (
            dict(last_error=error(number), best_error=5)
            if name in ended
            else dict(status='sampled')
        )
        for number, name in enumerate(names)
    ]


def write(path, rows):
    path.write_text(''.join(json.dumps(row) + '\n' for row in rows))


def tables(folder, first, second, trained):
    for key, seed, error in (('a', 0, first), ('b', 1, second)):
        write(folder / f'{key}.jsonl', rows_of(error, trained, seed))


def test_before_the_first_look_the_first_networks_of_the_order_are_needed(tmp_path):
    plan = read_plan(plan_of(tmp_path))
    needed = networks_needed(plan, tmp_path)
    names = [f'{number:06d}' for number in range(SIZE)]
    for key, seed in (('a', 0), ('b', 1)):
        assert needed[key] == sorted(int(name) for name in first_networks(names, seed, 10))
    (looked,) = look_at_pairs(plan, tmp_path)
    assert looked.goes_on and looked.trainings == 0
    assert looked_text(plan, looked) == 'A and B: not looked at yet'


def test_a_pair_that_is_decided_needs_nothing_more(tmp_path):
    plan = read_plan(plan_of(tmp_path))
    tables(tmp_path, lambda n: 40 + n % 5, lambda n: 20 + n % 5, trained=10)
    (looked,) = look_at_pairs(plan, tmp_path)
    assert networks_needed(plan, tmp_path) == {} and looked.trainings == 10
    assert looked_text(plan, looked).startswith('B is better than A after 10 trainings of each')


def test_a_pair_with_a_margin_of_its_own_is_equal_within_it(tmp_path):
    path = plan_of(tmp_path)
    alike = dict(first=lambda n: 30 + 7 * n % 11, second=lambda n: 30 + 5 * n % 11)
    tables(tmp_path, **alike, trained=40)
    path.write_text(path.read_text().replace('margin=0.5', "margin=0.5, margins=[('a', 'b', 9)]"))
    (looked,) = look_at_pairs(read_plan(path), tmp_path)
    assert looked.decision.verdicts[0].outcome == 'equal' and looked.trainings < 40


def test_a_pair_that_is_not_decided_goes_on_where_it_was_until_the_last_look(tmp_path):
    plan = read_plan(plan_of(tmp_path))
    alike = dict(first=lambda n: 30 + 7 * n % 11, second=lambda n: 30 + 5 * n % 11)
    tables(tmp_path, **alike, trained=20)
    needed = networks_needed(plan, tmp_path)
    assert {key: len(networks) for key, networks in needed.items()} == {'a': 10, 'b': 10}
    tables(tmp_path, **alike, trained=40)
    (looked,) = look_at_pairs(plan, tmp_path)
    assert networks_needed(plan, tmp_path) == {} and looked.trainings == 40
    assert looked_text(plan, looked).startswith('A and B: not decided after 40 trainings of each')


def test_results_of_another_machine_stay_and_others_are_added(tmp_path):
    table, written = tmp_path / 'a.jsonl', tmp_path / 'written.jsonl'
    write(table, rows_of(lambda n: 10, trained=10))
    here = rows_of(lambda n: 20, trained=20)
    write(written, here)
    keep_results(written, table, seed=0)
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    errors = [row.get('last_error') for row in rows]
    assert (errors.count(10), errors.count(20), errors.count(None)) == (10, 10, 40)
    assert rows[0]['random_part'] is True
    write(written, here[:-1])
    with pytest.raises(ValueError, match='of the same networks'):
        keep_results(written, table, seed=0)


@pytest.mark.parametrize(
    'change, message',
    [
        (("('a', 'b')", "('a', 'x')"), 'looks must be at parts .*x'),
        (("('a', 'b')", "('a', 'a')"), 'two different parts'),
        (('most=40', 'most=45'), 'the second a multiple of the first'),
        (('most=40', 'most=70'), 'at least 70 networks, but that is not so of a'),
        (('margin=0.5', 'margin=0'), 'with margins above 0'),
        (('margin=0.5', "margin=0.5, margins=[('a', 'b', 0)]"), 'with margins above 0'),
        (('margin=0.5', "margin=0.5, margins=[('b', 'a', 1)]"), 'margins must be of pairs'),
    ],
)
def test_looks_that_cannot_be_taken(tmp_path, change, message):
    path = plan_of(tmp_path)
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(ValueError, match=message):
        read_plan(path)


def test_a_dry_run_shows_the_commands_of_the_next_look(run_tool, tmp_path):
    plan = plan_of(tmp_path, every=2, most=4, settings='latency=True')
    done = run_tool('run_study.py', plan, '--dry-run')
    assert done.returncode == 0, done.stderr
    trained = [line for line in done.stdout.splitlines() if 'train_population.py' in line]
    assert len(trained) == 2 and all('--networks' in line for line in trained)
    names = [f'{number:06d}' for number in range(SIZE)]
    first, second = sorted(int(name) for name in first_networks(names, 0, 2))
    assert f'--networks {first} {second} ' in trained[0]
    timed = [line for line in done.stdout.splitlines() if 'measure_latency.py' in line]
    assert len(timed) == 2 and timed[0].endswith(f'a --networks {first} {second}')


@pytest.mark.acceptance
def test_a_study_goes_on_after_a_kill_and_on_another_machine(tmp_path):
    """Killed while it trains; then without its work directory; the table is that of one go."""
    settings = (
        "settings={'train_dataloader.dataset.indices': 64, 'train_cfg.max_epochs': 2, "
        "'train_cfg.val_interval': 2}"
    )
    plan = plan_of(tmp_path, every=2, most=4, settings=settings)

    def command(place):
        tool = [sys.executable, str(ROOT / 'tools/run_study.py'), str(plan), '--workers', '1']
        folders = ['--work-dir', str(tmp_path / place), '--results', str(tmp_path / f'of_{place}')]
        return tool + folders

    def finish(place):
        done = subprocess.run(command(place), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def errors(place):
        return {
            key: [
                json.loads(line).get('last_error')
                for line in (tmp_path / f'of_{place}' / f'{key}.jsonl').read_text().splitlines()
            ]
            for key in 'ab'
        }

    assert ' trainings of each: ' in finish('whole')
    process = subprocess.Popen(
        command('killed'),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    begun = tmp_path / 'of_killed/a.jsonl'
    while not begun.exists() and process.poll() is None:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert begun.exists()
    shutil.rmtree(tmp_path / 'killed')  # another machine has the tables only
    finish('killed')
    assert errors('killed') == errors('whole')
    trained = [error for error in errors('whole')['a'] if error is not None]
    assert len(trained) in (2, 4)
