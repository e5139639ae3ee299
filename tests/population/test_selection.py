"""Networks of a population by name, or the first ones."""

import pytest
from small_population import sampled

from regnet_plugin.population.selection import networks_of
from regnet_plugin.population.store import Population, PopulationError


@pytest.fixture(scope='module')
def population(tmp_path_factory):
    return Population.open(sampled(tmp_path_factory.mktemp('sampled') / 'population', 3))


def names(networks):
    return [network.name for network in networks]


def test_without_names_it_is_all_or_the_first_ones(population):
    assert names(networks_of(population)) == ['000000', '000001', '000002']
    assert names(networks_of(population, count=2)) == ['000000', '000001']


def test_named_ones_come_in_the_order_of_their_names(population):
    assert names(networks_of(population, ['000001', '000000'])) == ['000001', '000000']
    with pytest.raises(PopulationError, match='there is no network 999999'):
        networks_of(population, ['000000', '999999'])
