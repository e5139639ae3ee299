"""What a report says of times and memory on a device."""

from dataclasses import replace

import numpy as np
import pytest
from spaces import space_of

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.device.packaged import device_model
from regnet_plugin.population.latency_file import Latency, appended_latencies
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.predictions import measured_times, with_predictions
from regnet_plugin.population.readers import read_records
from regnet_plugin.report.populations import Rules, reported_populations
from regnet_plugin.report.report import report
from regnet_plugin.report.sections.devices import device_section

DEVICE = device_model('i7-12700h')


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    """Two populations of 40 networks, each with a time that is half of what is predicted."""
    found = []
    for space in ('regnetx', 'regnety'):
        folder = tmp_path_factory.mktemp(space)
        population = sample_population(
            space_of(space),
            {},
            Constraints(flops=(1e8, 8e8)),
            size=40,
            seed=0,
            directory=folder / space,
        )
        with appended_latencies(population) as append:
            for network in population:
                seconds = DEVICE.predict_one(network.sample.architecture) / 2
                append(Latency(network.name, 'a laptop', 1, 1, 224, seconds, 3 * seconds))
        found.append(folder / space)
    return found


@pytest.fixture
def records(folders):
    return [with_predictions(read_records(folder)[0], DEVICE, memory=True) for folder in folders]


def test_predictions_of_networks_that_were_read(records):
    for one in records:
        for row in (0, 17, 39):
            architecture = Architecture.from_dict(one.backbones[row])
            assert one.columns['predicted_latency'][row] == pytest.approx(
                DEVICE.predict_one(architecture)
            )
            assert one.columns['peak_activations'][row] == peak_bytes(architecture)
    unknown = replace(records[0], backbones=(None,) * 40, columns={})
    assert with_predictions(unknown, DEVICE, memory=True).columns == {}


def test_measured_beside_predicted_and_flops_at_equal_cost(records):
    section = device_section(reported_populations(records, Rules()))
    keys = [figure.key for figure in section.figures_and_tables]
    assert keys == [
        'latency-predicted',
        'flops-at-equal-predicted-latency',
        'flops-at-equal-peak-activations',
    ]
    (text,) = section.text
    assert 'of 80 networks is wrong by 100% (median)' in text and 'correlation 1.00' in text
    caption = list(section.figures_and_tables)[1].caption
    assert ' ms to ' in caption and 'It cannot see how well a space uses its flops' in caption


def test_flops_at_equal_cost_are_weighted_by_hand(records):
    """Within the common range each bin has the same weight in the distribution of each space."""
    section = device_section(reported_populations(records, Rules()))
    data = list(section.figures_and_tables)[1].plot.plot.data
    shares = np.array(data['share'])
    for name in ('regnetx', 'regnety'):
        of_it = shares[[one == name for one in data['population']]]
        assert of_it[-1] == pytest.approx(1) and (np.diff(of_it) >= 0).all()


def test_times_of_a_population_make_a_device_model(folders):
    times = measured_times(folders[0])
    assert times.batch == 1 and len(times.networks) == 40 and 'a laptop' in times.name
    first = times.networks[0]
    assert first.seconds == pytest.approx(DEVICE.predict_one(first.architecture) / 2)
    training = measured_times(folders[0], 'training')
    assert training.seconds == pytest.approx(3 * times.seconds)


@pytest.mark.parametrize('cost', ['predicted_latency', 'peak_activations'])
def test_other_costs_on_the_axes_of_the_page(records, cost):
    rng = np.random.default_rng(0)
    trained = [
        replace(
            one,
            status=np.array(['done'] * 40),
            last_error=40 + rng.normal(size=40),
            best_error=np.full(40, 40.0),
            seeds=np.ones(40, dtype=int),
        )
        for one in records
    ]
    document = report(trained, Rules(cost=cost, device=DEVICE))
    figures = {figure.key: figure for figure in document.figures}
    complexity = figures['complexity'].plot.plot
    assert set(complexity.data['x']) == {cost}
    assert set(complexity.data['y']) >= {'flops', 'parameters', 'activations'}
    against = figures['error-against-complexity'].plot.plot
    assert cost in against.data and 'flops' not in against.data
    published = [row for row, kind in enumerate(against.data['published']) if kind]
    named = dict(zip(against.data['network'], np.array(against.data[cost])))
    assert np.isfinite(named['RegNetX-3.2GF']) and np.isnan(named['EfficientNet-B0'])
    assert published
