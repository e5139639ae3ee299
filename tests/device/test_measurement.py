"""How networks are measured for a device model."""

import time

import numpy as np
import pytest
from spaces import space_of

from regnet_plugin.benchmarks import device_measurement
from regnet_plugin.benchmarks.device_measurement import Setting, measure_samples, spread_samples
from regnet_plugin.benchmarks.steps import Step


def test_samples_are_spread_over_the_range_asked_for():
    spaces = [space_of('anynetx_a'), space_of('anynety_a')]
    samples = spread_samples(spaces, 40, (1e8, 1e9), [160, 224], 0)
    assert len(samples) == 40
    flops = np.array([sample.complexity.flops for sample in samples])
    assert 1e8 * 0.9 < flops.min() < 1.5e8 and 6e8 < flops.max() < 1e9 * 1.1
    kinds = {(sample.resolution, sample.architecture.block) for sample in samples}
    assert kinds == {(160, 'X'), (160, 'Y'), (224, 'X'), (224, 'Y')}
    ranks = np.searchsorted(np.geomspace(flops.min(), flops.max(), 5), flops)
    assert np.bincount(ranks, minlength=5)[1:].min() >= 5  # some in each quarter
    again = spread_samples(spaces, 40, (1e8, 1e9), [160, 224], 0)
    assert again == samples


def test_the_drift_of_the_machine_is_taken_out(monkeypatch):
    """Steps that sleep, on a machine that takes twice as long in the second half of each round."""
    samples = spread_samples([space_of('anynetx_a')], 9, (1e7, 1e8), [64], 0)
    truth = {id(sample): 0.001 + 0.0005 * place for place, sample in enumerate(samples)}
    calls = []

    def step_of(sample, setting):
        def run():
            calls.append(sample)
            slow = 2 if len(calls) % 60 > 30 else 1
            end = time.perf_counter() + slow * truth[id(sample)]
            while time.perf_counter() < end:
                pass

        return Step(run, 0)

    monkeypatch.setattr(device_measurement, '_step_of', step_of)
    times, steadiness = measure_samples(samples, Setting(rounds=15))
    expected = np.array([truth[id(sample)] for sample in samples])
    ratios = times.seconds / expected
    assert np.median(np.abs(ratios / np.median(ratios) - 1)) < 0.15
    assert steadiness.drift > 1.5 and 'others used this machine' in steadiness.text


def test_what_cannot_be_measured():
    samples = spread_samples([space_of('anynetx_a')], 8, (1e7, 1e8), [64], 0)
    with pytest.raises(ValueError, match='threads must be from 1 to'):
        measure_samples(samples, Setting(threads=10_000))
    with pytest.raises(ValueError, match='a space to measure must have one resolution'):
        spread_samples([space_of('regnetx_resolution')], 8, (1e7, 1e8), [64], 0)
