"""Who is best, what a mean and a deviation are, and which networks are baselines."""

import csv
import statistics

import pytest
from killing import ROOT

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.baselines import baselines_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.ranking import best_networks, ratings_of, write_ratings
from regnet_plugin.population.runs.planning import name_runs, recipe_folder
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.store import PopulationError


def sampled(folder, space='regnetx_digits', size=4):
    space, described, constraints = design_space_of(ROOT / f'configs/design_spaces/{space}.py')
    return sample_population(space, described, constraints, size=size, seed=0, directory=folder)


@pytest.fixture
def population(tmp_path):
    """000002 is best by its last epoch, 000000 by its best one; 000003 failed."""
    population = sampled(tmp_path / 'population')
    for network, seed, error in (
        ('000000', 0, 5.0),
        ('000000', 1, 7.0),
        ('000001', 0, 9.0),
        ('000002', 0, 5.5),
    ):
        write(
            population,
            network,
            seed,
            status='done',
            last_error=error,
            best_error=1.0 if network == '000000' else error,
        )
    write(population, '000003', 0, status='failed', reason='diverged', best_error=0.5)
    return population


def write(population, network, seed, **values):
    folder = recipe_folder(population, 'short') / f'{network}-{seed}'
    folder.mkdir(parents=True)
    Result(network=network, seed=seed, recipe='short', **values).write(folder)


def test_the_best_by_the_mean_of_the_last_epochs_errors(population):
    assert [
        (rating.network.name, rating.mean) for rating in best_networks(population, 'short', 3)
    ] == [('000002', 5.5), ('000000', 6.0), ('000001', 9.0)]


@pytest.mark.parametrize(
    'recipe, count, message',
    [
        ('short', 4, 'only 3 of 4 have an error with short'),
        ('long', 1, r'\(short\), but .* has no runs of long'),
    ],
)
def test_too_few_results(population, recipe, count, message):
    with pytest.raises(PopulationError, match=message):
        best_networks(population, recipe, count)


def test_mean_and_deviation_over_the_seeds_that_ended_well(population, tmp_path):
    runs = name_runs(recipe_folder(population, 'short'), population, (0, 1, 2), order=0)
    ratings = {rating.network.name: rating for rating in ratings_of(runs)}
    assert list(ratings) == ['000002', '000000', '000001', '000003']
    assert (
        ratings['000000'].errors == (5.0, 7.0)
        and ratings['000000'].deviation == statistics.stdev([5, 7]) == 2**0.5
    )
    assert ratings['000001'].deviation is None
    assert (ratings['000003'].mean, ratings['000003'].failed) == (None, 1)
    write_ratings(tmp_path / 'best.csv', ratings.values(), baselines={'000001'})
    rows = list(csv.DictReader((tmp_path / 'best.csv').open()))
    assert [row['baseline'] for row in rows] == ['0', '0', '1', '0']
    assert (rows[1]['mean_error'], rows[1]['errors'], rows[3]['mean_error']) == (
        '6.0',
        '5.0 7.0',
        '',
    )
    assert int(rows[1]['flops']) == ratings['000000'].network.sample.complexity.flops


def test_baselines_are_a_population_counted_as_the_one_that_they_are_compared_with(population):
    text = 'depth=8, w_0=24,w_a=24,w_m=2.25,group_width=8'
    found = {
        network.name: network.sample
        for network in baselines_of(population, ['regnetx_200mf', text])
    }
    assert list(found) == ['regnetx_200mf', text.replace(' ', '')]
    expected = architecture_of('regnetx_200mf', strides=(1, 2, 2, 2))
    assert found['regnetx_200mf'].architecture == expected
    assert found['regnetx_200mf'].complexity == complexity(expected, 32, 10)
    again = baselines_of(population, ['regnetx_200mf', 'regnety_200mf'])
    assert [network.name for network in again] == [*found, 'regnety_200mf']
    assert [network.name for network in population] == ['000000', '000001', '000002', '000003']


def test_baselines_have_the_strides_of_the_paper_in_spaces_with_any_number_of_stages(tmp_path):
    sample = next(
        iter(baselines_of(sampled(tmp_path / 'a', 'regnetx_3_stages', 2), ['regnetx_200mf']))
    ).sample
    assert sample.architecture == architecture_of('regnetx_200mf') and sample.resolution == 224


def test_baselines_need_one_resolution(tmp_path):
    with pytest.raises(PopulationError, match='one resolution, .* but .* has [2-9]'):
        baselines_of(sampled(tmp_path / 'a', 'regnetx_resolution', 9), ['regnetx_200mf'])


def test_a_baseline_that_cannot_be_made_out_leaves_nothing(population):
    with pytest.raises(ValueError, match='regnetx_1mf'):
        baselines_of(population, ['regnetx_200mf', 'regnetx_1mf'])
    assert not (population.directory / 'baselines').exists()
