"""What train_population.py --dry-run tells, and that it leaves nothing behind."""

import re

import pytest
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.results import Result
from regnet_plugin.population.sampling import sample_population
from regnet_plugin.training.estimates.estimate import estimate_training
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
    assert Timed(1.0, [90.0, 90.0, 2.0, 4.0, 3.0], batch=2).seconds_per_image == 1.5
    assert Timed(1.0, [2.0, 4.0], batch=2).seconds_per_image == 1.5  # there are no others


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
