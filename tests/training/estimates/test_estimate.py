"""What train_population.py --dry-run tells, and that it leaves nothing behind."""

import re

import pytest
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.results import Result
from regnet_plugin.training.estimates.estimate import Cost, Estimate, Memory, estimate_training
from regnet_plugin.training.estimates.estimate_text import estimate_text
from regnet_plugin.training.estimates.step_timing import Timed, time_steps
from regnet_plugin.training.estimates.workload import Workload, workload
from regnet_plugin.training.populations.recipe_config import read_recipe
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.workers.circumstances import device

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture
def population(tmp_path):
    space, described, constraints = design_space_of(
        ROOT / 'configs/design_spaces/regnetx_digits.py'
    )
    return sample_population(
        space, described, constraints, size=3, seed=0, directory=tmp_path / 'population'
    )


@pytest.fixture
def runs(population):
    return prepare_runs(population, DIGITS, seeds=(0, 1), keep=False)


def finish(run, seconds=None, **values):
    run.folder.mkdir(parents=True, exist_ok=True)
    counts = run.network.sample.to_dict()['complexity']
    Result(
        network=run.network.name,
        seed=run.seed,
        recipe='digits',
        seconds=seconds,
        complexity=counts,
        **values,
    ).write(run.folder)


def on_one_thread():
    import torch

    torch.set_num_threads(1)
    return device()


def test_from_runs_that_ended_here_in_proportion_to_their_cost(runs):
    finish(runs[0], 100.0, status='done', device=on_one_thread())
    finish(runs[1], 7.0, status='done', device='another')
    finish(runs[2], 7.0, status='failed', reason='diverged')
    estimate = estimate_training(runs, read_recipe(DIGITS), workers=2)
    assert (estimate.done, estimate.failed, len(estimate.costs)) == (2, 1, 3)
    assert estimate.basis == '1 run of this recipe that ended on this machine'
    last = estimate.costs[-1]
    assert last.seconds == pytest.approx(100 * last.run.cost / runs[0].cost)
    assert last.flops == 3 * last.run.network.sample.complexity.flops * 1437 * 15
    assert estimate.flops == sum(cost.flops for cost in estimate.costs)
    one, other, third = (cost.seconds for cost in estimate.costs)
    # whoever ends first takes the third run
    assert estimate.seconds == pytest.approx(max(one, other, min(one, other) + third))
    assert len(estimate_training(runs, read_recipe(DIGITS), retry_failed=True).costs) == 4
    many = estimate_training(runs, read_recipe(DIGITS), workers=100)
    assert many.seconds == max(cost.seconds for cost in many.costs)


def test_runs_that_ended_with_another_seed_tell_the_time_too(runs, population):
    finish(runs[0], 100.0, status='done', device=on_one_thread())
    others = prepare_runs(population, DIGITS, seeds=(7,), keep=False)
    estimate = estimate_training(others, read_recipe(DIGITS))
    assert estimate.done == 0 and estimate.basis.startswith('1 run of this recipe')
    assert estimate.costs[0].seconds == pytest.approx(100)


def test_what_is_trained_in_part_costs_the_rest(runs):
    finish(runs[0], 100.0, status='done', device=on_one_thread())
    whole = estimate_training(runs, read_recipe(DIGITS)).costs[0]
    whole.run.folder.mkdir()
    (whole.run.folder / 'progress.json').write_text('{"fraction": 0.75}')
    assert estimate_training(runs, read_recipe(DIGITS)).costs[0].seconds == pytest.approx(
        whole.seconds / 4
    )


@pytest.mark.parametrize(
    'settings, load',
    [
        (dict(by_epoch=True, max_epochs=4, val_interval=3), Workload(4 * 1437, 360)),
        (dict(by_epoch=False, max_iters=10, val_interval=5), Workload(10 * 64, 2 * 360)),
    ],
)
def test_images_of_a_recipe(settings, load):
    recipe = Config.fromfile(DIGITS)
    recipe.train_cfg = settings
    assert workload(recipe) == load


def test_without_the_data_only_flops_per_image(runs):
    imagenet = read_recipe(ROOT / 'configs/regnetx_400mf_imagenet.py')
    estimate = estimate_training(runs, imagenet)
    assert (
        estimate.flops is None
        and estimate.seconds is None
        and 'no data at data/imagenet/train' in estimate.basis
    )
    run = max(runs, key=lambda run: run.cost)
    counts = run.network.sample.complexity
    costliest = estimate_text(estimate).splitlines()[2].split()
    assert costliest == [
        'costliest',
        run.name,
        f'{counts.flops / 1e6:.3g}',
        'MF',
        f'{counts.activations / 1e3:.3g}',
        'K',
        '-',
        '-',
    ]


def test_steps_are_timed_at_the_batch_of_the_recipe_and_nothing_stays(runs):
    import tempfile
    from pathlib import Path

    before = set(Path(tempfile.gettempdir()).iterdir())
    timed = time_steps(runs[-1], read_recipe(DIGITS))
    assert timed.batch == 64 and timed.seconds_per_image > 0 and timed.start > 0
    assert not {
        path
        for path in set(Path(tempfile.gettempdir()).iterdir()) - before
        if (path / DIGITS.stem).exists()
    }


def test_the_first_steps_do_not_count_and_of_the_others_the_median_does():
    steps = [90.0, 90.0, 2.0, 4.0, 3.0]
    assert Timed(1.0, steps, batch=2, memory=(0, 0)).seconds_per_image == 1.5
    # there are no others
    assert Timed(1.0, [2.0, 4.0], batch=2, memory=(0, 0)).seconds_per_image == 1.5


def test_what_a_training_adds_to_the_memory_grows_with_the_batch():
    timed = Timed(1.0, [1.0], batch=16, memory=(500, 580))
    assert [timed.memory(batch) for batch in (16, 32, 64)] == [580, 660, 820]


def test_the_memory_of_a_network_is_told_and_how_many_fit(runs):
    def lines(beside):
        memory = Memory(network=1_500_000_000, room=8_000_000_000, beside=beside)
        costs = (Cost(runs[0], 1, 1.0),)
        return estimate_text(Estimate(0, 0, costs, beside, memory, 'x')).splitlines()

    said = 'memory: up to 1.5 GB a network, of 8.0 GB: 5 networks at a time'
    assert lines(5)[-1] == said
    assert lines(6)[-1] == f'{said}, and 6 do not fit: --workers'


def test_ended_runs_tell_the_memory_of_those_with_more_activations(runs):
    """It is in proportion to the activations, of which the costliest network has most here."""
    least, *_, most = sorted(runs, key=lambda run: run.network.counts['activations'])
    finish(least, 100.0, status='done', device=on_one_thread(), peak_memory=3_000_000)
    estimate = estimate_training(runs, read_recipe(DIGITS), workers=2)
    ratio = most.network.counts['activations'] / least.network.counts['activations']
    assert ratio > 1 and estimate.memory.network == round(3_000_000 * ratio)
    assert estimate.memory.beside == 2


@pytest.mark.acceptance
def test_networks_are_timed_side_by_side_where_they_are_trained_so(runs):
    estimate = estimate_training(runs, read_recipe(DIGITS), workers=2)
    assert estimate.memory.beside == 2 and estimate.seconds > 0
    assert 100e6 < estimate.memory.network < 4e9  # of a process with all of its imports


@pytest.mark.acceptance
def test_the_tool_trains_nothing_and_writes_nothing(population, run_tool):
    before = sorted(population.directory.rglob('*'))
    done = run_tool(
        'train_population.py',
        population.directory,
        DIGITS,
        '--dry-run',
        '--cfg-options',
        'train_cfg.max_epochs=2',
    )
    assert done.returncode == 0, done.stderr
    assert sorted(population.directory.rglob('*')) == before
    assert '3 runs: 0 done, 0 failed, 3 to be trained' in done.stdout
    assert re.search(r'^costliest .* MF .* GF +0:00:\d\d$', done.stdout, re.MULTILINE), done.stdout
    assert re.search(
        r'^time: from steps of \d+, \d+, \d+, timed now at a batch of 64$',
        done.stdout,
        re.MULTILINE,
    )


def test_the_tool_tells_what_it_can_where_there_is_no_data(population, run_tool):
    done = run_tool(
        'train_population.py',
        population.directory,
        ROOT / 'configs/recipes/dds_10e_cifar10.py',
        '--dry-run',
    )
    assert done.returncode == 0, done.stderr
    assert (
        '3 runs: 0 done, 0 failed, 3 to be trained' in done.stdout
        and 'no time can be told: no data at' in done.stdout
    )


@pytest.mark.acceptance
def test_a_recipe_that_does_not_train_is_found_out(population, run_tool):
    done = run_tool(
        'train_population.py',
        population.directory,
        DIGITS,
        '--dry-run',
        '--cfg-options',
        'train_cfg.max_epochs=1',
    )
    said = 'param_scheduler.1.begin must be smaller than the length of the training'
    assert done.returncode == 2 and said in done.stderr.splitlines()[-1]
