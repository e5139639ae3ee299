"""Populations whose loaders have processes, as those of every ImageNet recipe.

The results, and what is killed.
"""

import os
import signal
import time
from pathlib import Path

import pytest
from small_population import (
    LOADERS,
    RECIPE,
    attempt,
    check_same,
    held,
    held_recipe,
    kill,
    leaders,
    python_path,
    results,
    start_training,
    train,
    trainees,
    untrained,
    wait_until,
)


def loaders(population):
    return sorted(set(trainees(population)) - set(leaders(population)))


def test_the_results_are_those_without_and_the_workers_stay_for_the_next_run(
    trained, population, monkeypatch
):
    monkeypatch.setenv('PYTHONPATH', python_path())
    recipe = population.parent / 'counted.py'
    recipe.write_text(
        f'_base_ = {str(RECIPE)!r}\ncustom_imports = dict(imports=["loader_trouble"])\n'
        'custom_hooks = [dict(type="CountProcesses")]\n'
    )
    code, output = train(population, options=LOADERS, recipe=recipe)
    assert code == 0, output
    check_same(results(population), results(trained))
    counts = [
        Path(run, 'processes').read_text() for run in sorted(population.glob('runs/small/*-0'))
    ]
    # before a run, and at its end: two of training, two of validation
    assert sorted(counts) == ['0 4', '4 4']


def test_a_network_learns_what_it_learns_alone_whatever_was_trained_before(population, tmp_path):
    """With something random in the images, which the workers draw."""
    recipe = tmp_path / 'augmented.py'
    recipe.write_text(
        f'_base_ = {str(RECIPE)!r}\n'
        'train_dataloader = dict(dataset=dict(pipeline=[\n'
        '    dict(type="mmpretrain.RandomCrop", crop_size=32, padding=4),\n'
        '    dict(type="mmpretrain.ColorJitter", brightness=0.5),\n'
        '    dict(type="mmpretrain.PackInputs")]))\n'
    )
    alone = untrained(population, tmp_path / 'alone')
    code, output = train(population, options=LOADERS, recipe=recipe)
    assert code == 0, output
    together = results(population)
    last = max(together, key=lambda name: together[name].finished)
    code, output = train(alone, '--networks', int(last[:6]), options=LOADERS, recipe=recipe)
    assert code == 0, output
    check_same(results(alone), {last: together[last]})


@pytest.mark.acceptance
def test_two_processes_with_loaders_train_a_network_together(population):
    code, output = train(population, '--processes', 2)
    assert code == 0, output
    expected = results(population)
    for run in population.glob('runs/small/*-0'):
        (run / 'result.json').unlink()
    code, output = train(population, '--processes', 2, '--name', 'loaders', options=LOADERS)
    assert code == 0, output
    check_same(results(population, 'loaders'), expected)


@pytest.mark.parametrize(
    'flags', [(), pytest.param(('--processes', 2), marks=pytest.mark.acceptance)]
)
def test_a_loaders_processes_end_with_a_killed_launcher_even_if_they_hang(
    population, tmp_path, monkeypatch, flags
):
    monkeypatch.setenv('PYTHONPATH', python_path())
    process = start_training(population, '--networks', 0, *flags, recipe=held_recipe(tmp_path))
    wait_until(lambda: held(population), process)
    assert loaders(population)
    for number in loaders(population):
        os.kill(number, signal.SIGSTOP)
    kill(process.pid)
    process.communicate()
    deadline = time.monotonic() + 60
    while list(trainees(population)):
        assert time.monotonic() < deadline, f'{list(trainees(population))} go on'
        time.sleep(0.05)


@pytest.mark.acceptance
def test_a_killed_process_of_a_loader_is_a_try_and_no_failure(trained, population, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', python_path())
    recipe = population.parent / 'killing.py'
    recipe.write_text(
        f'_base_ = {str(RECIPE)!r}\ncustom_imports = dict(imports=["loader_trouble"])\n'
        'train_dataloader = dict(dataset=dict(pipeline=[dict(type="KillOnce", '
        f'mark={str(population)!r}), '
        'dict(type="PackInputs")]))\n'
    )
    code, output = train(population, '--networks', 1, options=LOADERS, recipe=recipe)
    assert code == 0, output
    found, expected = (results(folder)['000001-0'] for folder in (population, trained))
    assert found.status == 'done' and found.attempts == 2 and found.curve == expected.curve
    first = attempt(population / 'runs/small/000001-0')
    assert first['ended'] == 'killed' and 'a loader process was killed' in first['said']


@pytest.mark.acceptance
def test_tries_that_were_in_vain_end_with_what_was_said(population, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', python_path())
    recipe = population.parent / 'killing.py'
    recipe.write_text(
        f'_base_ = {str(RECIPE)!r}\ncustom_imports = dict(imports=["loader_trouble"])\n'
        'train_dataloader = dict(dataset=dict(pipeline=[dict(type="KillOnce", mark=None), '
        'dict(type="PackInputs")]))\n'
    )
    code, output = train(population, '--networks', 1, '--tries', 1, options=LOADERS, recipe=recipe)
    result = results(population)['000001-0']
    assert code == 1 and (result.status, result.reason) == ('failed', 'killed'), output
    assert '1 times in a row' in result.message and 'a loader process was killed' in result.message
