"""Training a population: the results, whoever trains it, and every fault, really produced."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest
from killing import start_training as start_one
from small_population import (
    RECIPE,
    SMALL,
    check_no_checkpointed_epoch_was_trained_twice,
    check_same,
    kill_again_and_again,
    learned,
    python_path,
    results,
    sampled,
    start_training,
    train,
    trainees,
    untrained,
    wait_until,
)

from regnet_plugin.population.runs.order import training_order
from regnet_plugin.population.runs.planning import planned_runs
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.run_planning import prepare_runs

SIZE, EPOCHS = 3, 5


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A population that one worker trained, undisturbed."""
    folder = sampled(tmp_path_factory.mktemp('trained') / 'population', SIZE)
    code, output = train(folder, epochs=EPOCHS)
    assert code == 0, output
    return folder


@pytest.fixture
def population(trained, tmp_path):
    """The same networks, not trained."""
    return untrained(trained, tmp_path / 'population')


def runs_of(folder):
    return next(iter(planned_runs(Population.open(folder)).values()))


def test_a_result_says_what_there_is_to_say(trained):
    networks = {network.name: network.sample for network in Population.open(trained)}
    for name, result in results(trained).items():
        assert (result.status, result.network, result.seed, result.recipe) == (
            'done',
            name[:6],
            0,
            'small',
        )
        assert result.metric == 'accuracy/top1' and len(result.recipe_digest) == 12
        assert [row['epoch'] for row in result.curve] == [1, 2, 3, 4, 5]
        assert result.last_epoch == EPOCHS and result.last_error == result.curve[-1]['error']
        assert result.best_error == min(row['error'] for row in result.curve)
        assert result.loss == result.curve[-1]['loss'] > 0
        assert result.complexity['flops'] == networks[name[:6]].complexity.flops
        assert result.seconds > 0 and result.peak_memory > 2**27 and result.attempts == 1
        assert result.device and {'torch', 'mmengine', 'regnet_plugin'} <= set(result.versions)


def test_the_error_is_that_of_the_log(trained):
    for name, result in results(trained).items():
        rows = [
            json.loads(line)
            for path in (trained / 'runs/small' / name).glob('*/vis_data/scalars.json')
            for line in path.read_text().splitlines()
        ]
        logged = [row['accuracy/top1'] for row in rows if 'accuracy/top1' in row]
        assert [100 - row['error'] for row in result.curve] == pytest.approx(logged, abs=1e-4)
        losses = [
            [row['loss'] for row in rows if row.get('epoch') == epoch and 'loss' in row]
            for epoch in (1, 2)
        ]
        assert len(losses[0]) == 3  # iterations, of which the log has averages
        # that of the first three
        assert result.curve[0]['loss'] == pytest.approx(losses[0][-1], rel=1e-4)


def test_networks_are_trained_in_their_random_order_and_checkpoints_are_gone(trained):
    costs = {run.network.name: run.cost for run in runs_of(trained)}
    order = training_order(costs, Population.open(trained).seed)
    runs = sorted(runs_of(trained), key=lambda run: order.index(run.network.name))
    ends = [(run.folder / 'result.json').stat().st_mtime for run in runs]
    assert ends == sorted(ends)
    assert not list(trained.rglob('*.pth')) and not list(trained.rglob('last_checkpoint'))


def test_networks_that_fit_into_memory_alone_only_are_trained_alone(
    trained, population, tmp_path, monkeypatch
):
    monkeypatch.setenv('PYTHONPATH', python_path())
    recipe = tmp_path / 'crowded.py'
    recipe.write_text(
        f'_base_ = {str(RECIPE)!r}\ncustom_imports = dict(imports=["crowded_hook"])\n'
        f'custom_hooks = [dict(type="CrowdedHook", marks={str(tmp_path)!r})]\n'
    )
    code, output = train(population, '--workers', 2, epochs=EPOCHS, recipe=recipe)
    assert code == 0 and 'ran out of memory beside others, and is trained alone' in output, output
    check_same(results(population), results(trained))


@pytest.mark.acceptance
def test_two_workers_give_the_same_results(trained, population):
    code, output = train(population, '--workers', 2, epochs=EPOCHS)
    assert code == 0, output
    check_same(results(population), results(trained))


def test_train_py_alone_gives_the_same_result_and_a_trained_run_is_not_trained_again(
    trained, population, monkeypatch
):
    monkeypatch.setenv('OMP_NUM_THREADS', '1')  # as of a worker's training: sums depend on it
    run = population / 'runs/small/000001-0'
    shutil.copytree(
        trained / 'runs/small/000001-0',
        run,
        ignore=shutil.ignore_patterns('2*', 'attempt*', 'result*'),
    )
    process = start_one(run / 'config.py', run)
    assert process.wait(timeout=120) == 0, process.communicate()[0]
    assert learned(results(population)['000001-0']) == learned(results(trained)['000001-0'])
    before = sorted(run.iterdir())
    process = start_one(run / 'config.py', run)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2 and 'has its result.json already' in output.splitlines()[-1]
    assert sorted(run.iterdir()) == before


def test_killed_again_and_again_it_ends_the_same(trained, population):
    kill_again_and_again(population, rounds=2, epochs=EPOCHS)
    code, output = train(population, '--workers', 2, epochs=EPOCHS)
    assert code == 0, output
    check_same(results(population), results(trained))
    for run in population.glob('runs/small/*-*'):
        check_no_checkpointed_epoch_was_trained_twice(run)


MISBEHAVING = f"""
_base_ = {str(RECIPE)!r}
custom_imports = dict(imports=['misbehaving_hook'])
custom_hooks = [dict(type='MisbehavingHook')]
"""


def train_misbehaving(population, *flags, **behaviour):
    recipe = population.parent / 'misbehaving.py'
    recipe.write_text(MISBEHAVING)
    return train(
        population,
        *flags,
        recipe=recipe,
        epochs=2,
        PYTHONPATH=python_path(),
        MISBEHAVIOUR=json.dumps(behaviour),
    )


def test_a_failure_is_a_result_and_stops_nothing_else(tmp_path, run_tool):
    population = sampled(tmp_path / 'population', 6)
    run = population / 'runs/small/000005-0'
    run.mkdir(parents=True)
    (run / 'config.py').write_text('model = dict(')  # another one than recipe and network make
    behaviour = {
        '000000': 'diverge',
        '000001': 'eat memory',
        '000002': 'kill',
        '000003': 'hang',
        '000004': 'raise',
    }
    code, output = train_misbehaving(
        population, '--workers', 2, '--timeout', '0.3', '--tries', 2, **behaviour
    )
    assert code == 0, output
    found = results(population)
    assert {name[:6]: result.reason for name, result in found.items()} == {
        '000000': 'diverged',
        '000001': 'out of memory',
        '000002': 'killed',
        '000003': 'timed out',
        '000004': 'error',
        '000005': None,
    }
    assert re.fullmatch(
        r'the loss is (nan|inf) in epoch 1, iteration \d', found['000000-0'].message
    )
    assert found['000002-0'].attempts == found['000003-0'].attempts == 2
    assert '2 times in a row' in found['000002-0'].message and '18 s' in found['000003-0'].message
    assert found['000004-0'].message == 'RuntimeError: config.py has a bug'
    assert (
        f'{run}/config.py was another config than small makes' in output
        and (run / 'config.py.broken').exists()
    )
    assert (
        output.splitlines()[-1]
        == 'when the cause of the failures is gone: the same command with --retry-failed'
    )
    assert '1 of 6 networks trained' in output and all(
        f'failed: {name}' in output for name in list(found)[:5]
    )
    retried(population, run_tool)


def retried(population, run_tool):
    """What failed is trained again on request; nothing is where nothing is asked."""
    done = run_tool(
        'train_population.py',
        population,
        population.parent / 'misbehaving.py',
        '--name',
        'small',
        '--cfg-options',
        *SMALL,
        'train_cfg.max_epochs=2',
    )
    assert done.returncode == 0 and '1 of 6 networks trained' in done.stdout, done.stderr
    code, output = train_misbehaving(population, '--retry-failed', '--workers', 2)
    assert code == 0 and '6 of 6 networks trained' in output, output


def test_where_everything_failed_the_exit_code_is_1(population, run_tool):
    for run in prepare_runs(Population.open(population), RECIPE):
        Result(
            network=run.network.name, seed=0, recipe='small', status='failed', reason='error'
        ).write(run.folder)
    done = run_tool('train_population.py', population, RECIPE)
    assert done.returncode == 1, done.stderr
    assert (
        done.stdout.splitlines()[-2] == f'0 of 3 networks trained: {population}/runs/{RECIPE.stem}'
    )


@pytest.mark.acceptance
def test_a_recipe_with_which_everything_failed_may_be_corrected(trained, population, tmp_path):
    recipe = tmp_path / 'recipe.py'
    recipe.write_text(f'_base_ = {str(RECIPE)!r}\ncustom_hooks = [dict(type="NoHook")]\n')
    code, output = train(population, recipe=recipe, epochs=EPOCHS)
    assert code == 1 and '0 of 3 networks trained' in output, output
    assert {result.reason for result in results(population).values()} == {'error'}
    code, output = train(population, '--networks', 1, epochs=EPOCHS)
    assert (
        code == 0
        and 'it takes the place of another recipe of this name' in output
        and '3 failures forgotten' in output
    )
    found = results(population)
    assert learned(found['000001-0']) == learned(results(trained)['000001-0'])
    assert found['000000-0'] is found['000002-0'] is None
    code, output = train(population, recipe=recipe, epochs=EPOCHS)
    assert code == 2 and "'nothing' there, \"custom_hooks = [" in output.splitlines()[-1], output


NO_DATA = "_base_ = 'mmpretrain::resnet/resnet18_8xb16_cifar10.py'"
NO_OPTIMIZER = f"_base_ = {str(RECIPE)!r}\noptim_wrapper = dict(optimizer=dict(type='Adam'))"


@pytest.mark.acceptance
@pytest.mark.parametrize(
    'text, message, flags',
    [
        (NO_DATA, 'recipe.py: no data at data/cifar10/cifar-10-batches-py', []),
        (NO_OPTIMIZER, "keyword argument 'momentum'", []),
        (NO_OPTIMIZER, "keyword argument 'momentum'", ['--dry-run']),
    ],
)
def test_what_no_network_can_be_trained_with_is_refused(
    population, run_tool, tmp_path, text, message, flags
):
    recipe = tmp_path / 'recipe.py'
    recipe.write_text(text)
    done = run_tool('train_population.py', population, recipe, *flags)
    assert (
        done.returncode == 2
        and message in done.stderr.splitlines()[-1]
        and 'Traceback' not in done.stderr
    )
    assert not (population / 'runs').exists()


def test_a_full_disk_stops_the_training_which_goes_on_when_there_is_room(
    trained, population, tmp_path
):
    small = tmp_path / 'small_disk'
    small.mkdir()
    mounted = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f'a small file system cannot be mounted, which takes root: {mounted.stderr}')
    try:
        folder = shutil.copytree(population, small / 'population')
        code, output = train(folder, epochs=EPOCHS)
        assert (
            code == 2 and 'error: the disk of' in output.splitlines()[-1] and 'is full' in output
        ), output
        assert not any(results(folder).values())
        subprocess.run(['mount', '-o', 'remount,size=60m', small], check=True)
        code, output = train(folder, epochs=EPOCHS)
        assert code == 0, output
        check_same(results(folder), results(trained))
    finally:
        subprocess.run(['umount', small], check=True)


@pytest.mark.acceptance
def test_a_result_cut_in_half_is_put_aside_and_trained_again(trained, population):
    shutil.copytree(trained / 'runs', population / 'runs')
    path = population / 'runs/small/000002-0/result.json'
    path.write_text(path.read_text()[:300])
    others = {
        other: other.stat().st_mtime_ns
        for other in population.glob('runs/small/*/result.json')
        if other != path
    }
    code, output = train(population, epochs=EPOCHS)
    assert code == 0 and f'{path}: ' in output and 'put aside' in output, output
    check_same(results(population), results(trained))
    assert {other: other.stat().st_mtime_ns for other in others} == others
    assert path.with_name('result.json.broken').exists()


def test_two_launchers_share_the_work(trained, population):
    first = start_training(population, epochs=EPOCHS)
    wait_until(lambda: list(population.glob('runs/small/*/attempt-1.json')), first)
    code, second = train(population, epochs=EPOCHS)
    output, _ = first.communicate(timeout=120)
    assert code == first.returncode == 0, output + second
    assert 'others are training here too, the work is shared' in second
    assert 'note: starting 1 worker for 3 runs' in output
    check_same(results(population), results(trained))
    assert len(list(population.glob('runs/small/*/attempt-*.json'))) == SIZE


@pytest.mark.parametrize(
    'number', [pytest.param(signal.SIGINT, marks=pytest.mark.acceptance), signal.SIGTERM]
)
def test_interrupted_it_ends_cleanly_and_counts_no_attempt(population, number):
    process = start_training(population, epochs=EPOCHS)
    wait_until(lambda: list(population.glob('runs/small/*/2*')), process)
    os.kill(process.pid, number)
    output, _ = process.communicate(timeout=120)
    assert (
        process.returncode == 130
        and output.splitlines()[-1] == 'interrupted: the same command goes on'
    )
    attempt = json.loads(next(population.glob('runs/small/*/attempt-1.json')).read_text())
    assert attempt['ended'] == 'interrupted' and not list(trainees(population))
