"""Populations at full length: many kills, two cores, the engine's cost, README's networks."""

import re
import subprocess
import sys
import time

from killing import ROOT
from small_population import (
    check_no_checkpointed_epoch_was_trained_twice,
    check_same,
    kill_again_and_again,
    results,
    sampled,
    start_training,
    train,
    untrained,
)

RECIPE = ROOT / 'configs/recipes/dds_10e_digits.py'
# all digits, unlike the small ones
WHOLE = ('train_dataloader.dataset.indices=1437', 'val_dataloader.dataset.indices=360')


def run(tool, *arguments, cwd):
    done = subprocess.run(
        [sys.executable, ROOT / 'tools' / tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_killed_ten_times_it_ends_the_same(tmp_path, report):
    whole, epochs = sampled(tmp_path / 'whole', 6), 40
    population = untrained(whole, tmp_path / 'killed')
    code, output = train(whole, '--workers', 2, epochs=epochs, seconds=900)
    assert code == 0, output
    kill_again_and_again(population, rounds=10, epochs=epochs)
    code, output = train(population, '--workers', 2, epochs=epochs, seconds=900)
    assert code == 0, output
    check_same(results(population), results(whole))
    attempts = len(list(population.glob('runs/small/*/attempt-*.json')))
    for folder in population.glob('runs/small/*-*'):
        check_no_checkpointed_epoch_was_trained_twice(folder)
    report(f'6 networks, 10 kills, {attempts} attempts: all results as without')


def test_two_workers_are_17_tenths_as_fast_as_one(tmp_path, report):
    """Eight networks, with the start of the processes and the imports; medians of three pairs."""
    networks, ratios = sampled(tmp_path / 'networks', 8), []
    for number in range(3):
        seconds = {}
        for workers in ((1, 2), (2, 1))[number % 2]:
            folder = untrained(networks, tmp_path / f'{workers} {number}')
            start = time.monotonic()
            process = start_training(
                folder, '--workers', workers, epochs=10, recipe=RECIPE, options=WHOLE
            )
            assert process.wait(timeout=900) == 0, process.communicate()[0]
            seconds[workers] = time.monotonic() - start
        ratios.append(seconds[1] / seconds[2])
        report(f'one worker {seconds[1]:.0f} s, two {seconds[2]:.0f} s: {ratios[-1]:.2f}')
    assert sorted(ratios)[1] >= 1.7


def test_the_engine_costs_at_most_a_tenth(tmp_path, report):
    output = run('benchmark_population.py', sampled(tmp_path / 'networks', 3), RECIPE, cwd=tmp_path)
    report(output.splitlines()[-1])
    assert float(re.search(r'engine / bare loop: ([\d.]+)', output)[1]) <= 1.1


def test_thirty_networks_in_ten_minutes(tmp_path, report):
    start = time.monotonic()
    run(
        'sample_population.py',
        ROOT / 'configs/design_spaces/regnetx_digits.py',
        '--size',
        30,
        cwd=tmp_path,
    )
    run('train_population.py', 'work_dirs/regnetx_digits', RECIPE, '--workers', 2, cwd=tmp_path)
    status = run('population_status.py', 'work_dirs/regnetx_digits', cwd=tmp_path)
    minutes = (time.monotonic() - start) / 60
    report(f'{minutes:.1f} minutes; {status.splitlines()[1]}')
    assert '30 of 30 ended' in status and minutes < 10
