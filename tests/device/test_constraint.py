"""Populations under a predicted time and a peak of activations."""

import json
import time

import pytest
from spaces import space_of

from regnet_plugin.core.layers.activation_memory import peak_bytes
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import BLOCK, NoSuchNetworks, Sampler, draw_block
from regnet_plugin.device.device_model import DeviceModel
from regnet_plugin.device.packaged import device_model
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import Population

DEVICE = device_model('i7-12700h')
LIMITS = dict(latency=(0.008, 0.009), device=DEVICE, peak_activations=(None, 1e6))


def test_500_networks_of_a_time(tmp_path):
    start = time.perf_counter()
    population = sample_population(
        space_of('regnetx'), {}, Constraints(**LIMITS), size=500, seed=0, directory=tmp_path / 'p'
    )
    assert time.perf_counter() - start < 5
    networks = list(population)
    assert len(networks) == 500
    for network in networks[::25]:
        architecture, predicted = network.sample.architecture, network.sample.predicted
        assert predicted == {
            'predicted_latency': pytest.approx(DEVICE.predict_one(architecture)),
            'peak_activations': peak_bytes(architecture),
        }
        assert 0.008 <= predicted['predicted_latency'] <= 0.009
        assert predicted['peak_activations'] <= 1e6
    (records,) = read_records(tmp_path / 'p')
    assert records.columns['predicted_latency'].tolist() == [
        network.sample.predicted['predicted_latency'] for network in networks
    ]
    assert records.columns['peak_activations'].max() <= 1e6
    noted = Population.open(tmp_path / 'p').manifest['constraints']
    assert DeviceModel.from_dict(noted['device']) == DEVICE
    assert Constraints(**noted) == Constraints(**LIMITS)


def test_it_goes_on_and_processes_change_nothing(tmp_path):
    constraints = Constraints(**LIMITS, flops=(2e8, 5e8))
    lines = []
    for name, sizes, processes in (('a', [20], 1), ('b', [8, 20], 2)):
        for mode, size in zip(('create', 'resume'), sizes):
            population = sample_population(
                space_of('regnety'),
                {},
                constraints,
                size=size,
                seed=1,
                directory=tmp_path / name,
                mode=mode,
                processes=processes,
            )
        lines.append(population.path.read_bytes())
    assert lines[0] == lines[1]


def test_only_what_is_outside_is_left_out():
    """Of all candidates of a block, those within both limits are kept, and no others."""
    space = space_of('regnetx_resolution')
    everything = dict(draw_block(space, Constraints(), 0, 0).samples(space))
    kept = dict(draw_block(space, Constraints(**LIMITS), 0, 0).samples(space))
    some = list(everything.items())[::40] + list(kept.items())[:100]
    for draw, sample in some:
        seconds = DEVICE.predict_one(sample.architecture, sample.resolution)
        peak = peak_bytes(sample.architecture, resolution=sample.resolution)
        assert (0.008 <= seconds <= 0.009 and peak <= 1e6) == (draw in kept)


def test_nothing_is_so_fast():
    sampler = Sampler(
        space_of('regnetx'),
        Constraints(latency=(None, 1e-6), device=DEVICE),
        0,
        patience=BLOCK,
    )
    with pytest.raises(NoSuchNetworks, match='latency in seconds: nearest 0.00.* to at most 1e-06'):
        next(iter(sampler))


def test_what_is_refused():
    with pytest.raises(ValueError, match='a latency is one on a device'):
        Constraints(latency=(None, 1))
    with pytest.raises(ValueError, match='a latency is one on a device'):
        Constraints(device='v100')
    values = json.loads(json.dumps(DEVICE.to_dict()))
    values['error']['median'] = 0.2
    with pytest.raises(ValueError, match='median error must be at most 10%, but .* is 20.0%'):
        Constraints(latency=(None, 1), device=values)
