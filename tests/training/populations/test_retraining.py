"""tools/select_best.py on the digits: the best network and a baseline, two seeds each."""

import csv
import statistics

import pytest
from killing import ROOT

from regnet_plugin.cli.errors import UserError
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs.planning import recipe_folder
from regnet_plugin.population.runs.results import Result, read_result
from regnet_plugin.training.populations.retraining import plan_retraining, recipe_name

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'
SMALL = 'depth=6,w_0=16,w_a=24,w_m=2,group_width=8'
FLAGS = (DIGITS, '--ranked-by', 'short', '--seed', 0, 1, '--cfg-options', 'train_cfg.max_epochs=2')


@pytest.fixture
def population(tmp_path):
    space, described, constraints = design_space_of(
        ROOT / 'configs/design_spaces/regnetx_digits.py'
    )
    population = sample_population(
        space, described, constraints, size=2, seed=0, directory=tmp_path / 'population'
    )
    for network, error in (('000000', 8.0), ('000001', 9.0)):
        folder = recipe_folder(population, 'short') / f'{network}-0'
        folder.mkdir(parents=True)
        Result(network=network, seed=0, recipe='short', status='done', last_error=error).write(
            folder
        )
    return population


@pytest.mark.acceptance
def test_the_best_network_beside_a_baseline(population, run_tool):
    flags = (population.directory, *FLAGS, '--baselines', SMALL)
    done = run_tool('select_best.py', *flags, '--workers', 2)
    assert done.returncode == 0, done.stderr
    runs = population.directory / 'runs' / DIGITS.stem
    theirs = population.directory / 'baselines/runs' / DIGITS.stem
    assert sorted(path.name for path in runs.glob('*-*')) == ['000000-0', '000000-1']
    errors = [read_result(runs / f'000000-{seed}').last_error for seed in (0, 1)]
    rows = {row['network']: row for row in csv.DictReader((runs / 'best.csv').open())}
    assert list(rows) == sorted(rows, key=lambda name: float(rows[name]['mean_error'])) and set(
        rows
    ) == {'000000', SMALL}
    assert float(rows['000000']['mean_error']) == pytest.approx(statistics.fmean(errors))
    assert float(rows['000000']['deviation']) == pytest.approx(statistics.stdev(errors))
    assert (rows[SMALL]['baseline'], rows[SMALL]['seeds']) == ('1', '2')
    results = [
        read_result(folder / name) for folder, name in ((runs, '000000-1'), (theirs, f'{SMALL}-1'))
    ]
    assert results[0].recipe_digest == results[1].recipe_digest and results[0].last_epoch == 2
    assert (
        'best with short: 000000 (8.00%)' in done.stdout
        and f'\nbaselines: {SMALL}\n' in done.stdout
    )
    assert 'error: mean ± standard deviation over 2 seeds' in done.stdout
    assert f'{statistics.fmean(errors):.2f}% ± {statistics.stdev(errors):.2f}' in done.stdout

    again = run_tool('select_best.py', *flags)
    assert again.returncode == 0 and again.stdout.splitlines()[-4:] == done.stdout.splitlines()[-4:]
    assert [read_result(runs / f'000000-{seed}').last_error for seed in (0, 1)] == errors


@pytest.mark.parametrize(
    'text',
    ['dds_10e_digits', 'configs/recipes/dds_10e_digits.py', 'population/runs/dds_10e_digits/'],
)
def test_a_recipe_may_be_named_by_its_config_or_its_runs(text):
    assert (
        recipe_name(text) == 'dds_10e_digits'
        and recipe_name('regnetx_6.5mf_digits') == 'regnetx_6.5mf_digits'
    )


def test_a_plan_alone_writes_nothing(population):
    before = sorted(population.directory.rglob('*'))
    chosen, (best, baselines) = plan_retraining(
        population, DIGITS, ranked_by='short', count=1, seeds=(0, 1), keep=False, baselines=[SMALL]
    )
    assert [rating.network.name for rating in chosen] == ['000000']
    assert [run.folder for run in best] == [
        recipe_folder(population, DIGITS.stem) / f'000000-{seed}' for seed in (0, 1)
    ]
    assert (
        baselines[0].folder == population.directory / 'baselines/runs' / DIGITS.stem / f'{SMALL}-0'
    )
    assert sorted(population.directory.rglob('*')) == before


@pytest.mark.acceptance
def test_a_dry_run_says_what_it_costs_and_writes_nothing(population, run_tool):
    before = sorted(population.directory.rglob('*'))
    done = run_tool(
        'select_best.py', population.directory, *FLAGS, '--baselines', SMALL, '--dry-run'
    )
    assert done.returncode == 0, done.stderr
    assert (
        'best with short: 000000' in done.stdout
        and '4 runs: 0 done, 0 failed, 4 to be trained' in done.stdout
    )
    assert sorted(population.directory.rglob('*')) == before


@pytest.mark.parametrize(
    'flags, message',
    [
        (['--name', 'short'], 'chosen by other results than those that are reported'),
        (['--count', '3'], '3 networks are to be chosen, but only 2 of 2 have an error with short'),
        (['--count', '0'], '--count must be positive, but it is 0'),
        (['--baselines', 'regnetx_1mf'], 'regnetx_1mf'),
        (
            ['--baselines', 'depth=4,w_0=16,w_a=24,w_m=2,group_width=8'],
            'w_m=2,group_width=8 with the stem and strides of the population: there must be one '
            'entry per stage',
        ),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(population, run_tool, flags, message):
    done = run_tool('select_best.py', population.directory, *FLAGS, *flags)
    assert (
        done.returncode == 2
        and message in done.stderr.splitlines()[-1]
        and 'Traceback' not in done.stderr
    )
    assert not list(population.directory.glob('runs/regnetx*/*-*'))


@pytest.mark.parametrize('recipe, name', [('missing.py', None), (DIGITS, '../other')])
def test_nothing_is_written_before_a_refusal(population, recipe, name):
    before = sorted(population.directory.rglob('*'))
    with pytest.raises((UserError, ValueError), match='there is no file|one folder'):
        plan_retraining(
            population, recipe, ranked_by='short', count=1, seeds=[0], baselines=[SMALL], name=name
        )
    assert sorted(population.directory.rglob('*')) == before
