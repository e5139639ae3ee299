"""A population of small networks on some of the digits: trained in seconds, as a user trains it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from killing import ROOT, ended

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.results import read_result

# as in the ImageNet recipes
LOADERS = tuple(
    f'{split}_dataloader.{setting}'
    for split in ('train', 'val')
    for setting in ('num_workers=2', 'persistent_workers=True', 'pin_memory=True')
)
RECIPE = ROOT / 'configs/regnetx_6.5mf_digits.py'
SMALL = (
    'train_dataloader.dataset.indices=192',
    'val_dataloader.dataset.indices=64',
    'default_hooks.logger.interval=1',
    'default_hooks.checkpoint.save_best=None',
)


def python_path(*folders):
    """PYTHONPATH with folders before what it has: by default tests/, whose modules recipes name."""
    before = os.environ.get('PYTHONPATH')
    paths = [str(folder) for folder in folders or (ROOT / 'tests',)]
    return os.pathsep.join([*paths, before] if before else paths)


def sampled(folder, size=3):
    """Sample a population of digits networks into a folder."""
    space, described, constraints = design_space_of(
        ROOT / 'configs/design_spaces/regnetx_digits.py'
    )
    sample_population(space, described, constraints, size=size, seed=0, directory=folder)
    return folder


def start_training(folder, *flags, epochs=3, options=(), recipe=RECIPE, **variables):
    """Start tools/train_population.py in a group of its own; its output is one text stream.

    On this machine one network is trained at a time, unless flags say how many.
    """
    if '--workers' not in flags and '--launcher' not in flags:
        flags = ('--workers', 1, *flags)
    command = [
        sys.executable,
        ROOT / 'tools/train_population.py',
        folder,
        recipe,
        '--name',
        'small',
        *flags,
        '--cfg-options',
        *SMALL,
        f'train_cfg.max_epochs={epochs}',
        *options,
    ]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'TEST_OF': str(folder), **variables},
    )


def train(folder, *flags, seconds=240, **kwargs):
    """Train to the end; return the exit code and the output."""
    process = start_training(folder, *flags, **kwargs)
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output


def results(folder, recipe='small'):
    """The results of all runs, by name."""
    runs = sorted(Path(folder, 'runs', recipe).glob('*-*/'))
    return {run.name: read_result(run) for run in runs if run.is_dir()}


def learned(result):
    """What must not depend on how, where and in how many pieces a network was trained."""
    return (
        result.status,
        result.reason,
        result.last_error,
        result.best_error,
        result.loss,
        result.curve,
    )


def trainees(folder):
    """Process numbers of what trains the networks of a population, its loaders among them."""
    for process in Path('/proc').glob('[0-9]*'):
        try:
            if b'regnet_plugin.training.workers.trainee' in (
                process / 'cmdline'
            ).read_bytes() and f'TEST_OF={folder}'.encode() in (
                process / 'environ'
            ).read_bytes().split(b'\0'):
                yield int(process.name)
        except OSError:
            continue


def leaders(folder):
    """Process numbers of what trains the networks of a population, without those of its loaders."""
    return [number for number in trainees(folder) if os.getpgid(number) == number]


def kill(number):
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait_until(condition, process, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, ended(process)
        time.sleep(0.02)


def kill_again_and_again(population, rounds, epochs):
    """Kill -9 the launcher at random moments of the training, again and again.

    Every other time a training process is killed before it. A quick machine may have trained all
    before the last round.
    """
    chance = random.Random(0)
    for number in range(rounds):
        ended_before = results(population)
        if ended_before and all(ended_before.values()):
            return
        before = set(population.glob('runs/small/*/2*'))
        process = start_training(population, '--workers', 2, epochs=epochs)
        wait_until(lambda before=before: set(population.glob('runs/small/*/2*')) - before, process)
        time.sleep(chance.uniform(0, 5))
        if number % 2:
            kill(next(trainees(population), process.pid))
            time.sleep(chance.uniform(0, 3))
        kill(process.pid)
        process.communicate()
        deadline = time.monotonic() + 10
        while list(trainees(population)):  # they end with their launcher
            assert time.monotonic() < deadline, f'{list(trainees(population))} go on'
            time.sleep(0.05)


def check_no_checkpointed_epoch_was_trained_twice(run):
    """Check that no later session trains an epoch again that has its checkpoint.

    An epoch is validated after its checkpoint was written.
    """
    kept = 0
    for session in sorted(run.glob('*/vis_data/scalars.json')):
        rows = [json.loads(line) for line in session.read_text().splitlines()]
        trained = [row['epoch'] for row in rows if 'loss' in row]
        assert all(epoch > kept for epoch in trained), (
            f'{session}: {trained} after epoch {kept} was kept'
        )
        kept = max([kept, *(row['step'] for row in rows if 'loss' not in row and 'step' in row)])


def untrained(population, folder):
    """Copy what was sampled, without what was trained."""
    folder.mkdir()
    for path in population.glob('*.json*'):
        shutil.copy(path, folder)
    return folder


def held_recipe(folder):
    """Write a recipe whose trainings wait in the second epoch of the first attempt.

    ``tests`` must be in PYTHONPATH.

    Its loaders have processes of their own, as those of the ImageNet recipes.
    """
    path = folder / 'held.py'
    path.write_text(
        f'_base_ = {str(RECIPE)!r}\ncustom_imports = dict(imports=["holding_hook"])\n'
        'custom_hooks = [dict(type="HoldingHook")]\n'
        'train_dataloader = val_dataloader = dict(num_workers=1, persistent_workers=True, '
        'pin_memory=True)\n'
    )
    return path


def held(folder):
    """The runs that wait."""
    return sorted(
        path.parent
        for path in folder.glob('runs/small/*/held')
        if not (path.parent / 'attempt-2.json').exists()
    )


def attempt(run, number=1):
    return json.loads((run / f'attempt-{number}.json').read_text())


def check_same(found, expected):
    assert list(found) == list(expected)
    for name, result in found.items():
        assert result is not None, f'{name} has no result'
        assert learned(result) == learned(expected[name]), name
