"""Which runs are planned: all networks of a population, some that are named, or so many."""

import pytest
from killing import ROOT
from small_population import sampled

from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.run_planning import prepare_runs

RECIPE = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture
def population(tmp_path):
    return Population.open(sampled(tmp_path / 'population', size=6))


def test_so_many_networks_are_a_random_part_and_more_later_go_on_with_it(population):
    names = [network.name for network in population]
    planned = []
    for trainings in (2, 4):
        runs = prepare_runs(population, RECIPE, trainings=trainings, seeds=(0, 1))
        planned.append({run.network.name for run in runs})
        assert len(runs) == 2 * trainings
        assert planned[-1] == set(first_networks(names, population.seed, trainings))
        (records,) = read_records(population.directory)
        assert (records.status == 'sampled').sum() == 6 - trainings
        assert records.is_random_part
    assert planned[0] < planned[1]
    assert len(prepare_runs(population, RECIPE)) == 6


@pytest.mark.parametrize('trainings', [0, -1, 7])
def test_a_number_that_there_is_not_is_refused_before_anything_is_written(population, trainings):
    with pytest.raises(UserError, match=f'to the 6 networks of .*, but they are {trainings}'):
        prepare_runs(population, RECIPE, trainings=trainings)
    assert not (population.directory / 'runs').exists()


def test_so_many_and_which_ones_are_not_both_asked_for(population, run_tool):
    done = run_tool(
        'train_population.py', population.directory, RECIPE, '--trainings', 2, '--networks', 0
    )
    assert done.returncode == 2 and 'not allowed with argument --trainings' in done.stderr
