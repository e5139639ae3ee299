"""What the benchmark computes; that it prints is in test_tools."""

import gc
import time

import pytest
import torch
from torch import nn

from regnet_plugin.benchmarks.loader_rates import loader_rate
from regnet_plugin.benchmarks.step_memory import peak_allocation, peak_memory
from regnet_plugin.benchmarks.step_timing import Timing, time_in_turn, training_hours
from regnet_plugin.benchmarks.steps import (
    Step,
    evaluation_step,
    inference_step,
    optimization_step,
    training_step,
)


def test_median_spread_and_ratio():
    ours, theirs = Timing((1.0, 2.0, 4.0)), Timing((3.0, 4.0, 4.0))
    assert ours.median == 2 and Timing((5.0,)).spread == 0
    assert ours.spread == pytest.approx((4 - 1) / 2 / 2)
    # median of 3, 2, 1; the ratio of medians happens to be the same
    assert theirs.ratio_to(ours) == 2
    # of rounds, not of medians
    assert Timing((1.0, 9.0, 10.0)).ratio_to(Timing((1.0, 3.0, 10.0))) == 1


def test_hours_of_the_papers_table():
    """RegNetX-3.2GF: 14.3 hours at 512 images a step on 8 GPUs are 0.2057 s for each step."""
    assert training_hours(0.2057, 512) == pytest.approx(14.3, rel=1e-3)


def test_everyone_runs_in_every_round_and_the_first_two_do_not_count():
    order = []
    steps = {name: Step(lambda name=name: order.append(name), 0) for name in 'abc'}
    timings = time_in_turn(steps, 3)
    assert list(timings) == list('abc') and all(
        len(timing.seconds) == 3 for timing in timings.values()
    )
    rounds = [order[k : k + 3] for k in range(0, 15, 3)]
    assert all(sorted(names) == list('abc') for names in rounds)
    assert {names[0] for names in rounds[2:]} == set('abc')  # each one begins a round


class Wide(nn.Module):
    """Holds 40 MB of features for each image."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 10)

    def forward(self, x):
        return self.fc(x.repeat(1, 10_000_000).cumsum(1)[:, -1:])


def test_peak_memory_sees_the_feature_maps():
    with torch.no_grad():
        one, four = (
            peak_memory(inference_step(Wide(), torch.ones(images, 1))) for images in (1, 4)
        )
    # two tensors of 40 MB an image at the worst moment
    assert 70e6 < one < 130e6 and 280e6 < four < 450e6


def test_what_was_left_over_before_a_step_hides_nothing_of_what_it_takes():
    """A cycle with a tensor goes when Python collects, which may be in the midst of the step."""
    cycle = [torch.ones(10_000_000)]
    cycle.append(cycle)
    del cycle
    network, images = Wide(), torch.ones(1, 1)

    def collected_meanwhile():
        gc.collect()
        return network(images)

    assert 70e6 < peak_memory(evaluation_step(network, collected_meanwhile)) < 130e6


def test_allocations_are_counted_to_the_byte():
    images, weights = torch.ones(8, 1000), 4 * 1000 * 500
    linear = nn.Linear(1000, 500, bias=False)
    step = inference_step(linear, images)
    assert peak_allocation(step) == weights + 4 * 8 * 500
    step = optimization_step(linear, lambda: linear(images).sum())
    step.run()  # makes the momentum
    # weights, momentum, gradient, what SGD makes of it
    assert 3 * weights <= peak_allocation(step) < 6 * weights


def test_memory_held_between_steps():
    network = nn.Sequential(nn.Linear(10, 10, bias=False), nn.BatchNorm1d(10))
    weights, statistics = 4 * (100 + 20), 4 * 20 + 8
    images = torch.ones(2, 10)
    assert inference_step(network, images).held_bytes == weights + statistics
    assert training_step(network, images).held_bytes == 2 * weights + statistics


def test_loader_rate_counts_images_and_begins_again():
    class Loader:
        begun = 0

        def __iter__(self):
            self.begun += 1
            for _ in range(3):
                time.sleep(0.02)
                yield dict(inputs=[None] * 10)

    loader = Loader()
    assert 200 < loader_rate(loader, seconds=0.3) <= 500
    assert loader.begun > 2
