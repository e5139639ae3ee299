"""The order in which networks are trained: a part of a population is a random part of it."""

import random
from heapq import heapreplace

import numpy as np
import pytest

from regnet_plugin.population.runs.order import (
    first_networks,
    is_random_part,
    training_order,
)

COSTS = {f'{number:06d}': float(cost) for number, cost in enumerate(range(100, 0, -1))}


def test_the_order_is_of_the_names_and_the_seed_and_not_of_the_file():
    order = training_order(COSTS, 3)
    assert sorted(order) == sorted(COSTS) != order
    assert training_order(dict(reversed(COSTS.items())), 3) == order
    assert training_order(COSTS, 4) != order


def test_networks_alone_come_in_the_order_of_the_whole():
    """So two machines with parts of the work, or a population that grew, have one order."""
    some = random.Random(0).sample(sorted(COSTS), 9)
    order = training_order(COSTS, 0)[:90]
    alone = training_order({name: COSTS[name] for name in some}, 0)
    assert [name for name in alone if name in order] == [name for name in order if name in some]


def test_the_last_tenth_is_trained_costliest_first():
    costs = dict(COSTS, **{'000007': 50.0, '000050': 50.0})
    for seed in range(20):
        last = training_order(costs, seed)[90:]
        assert last == sorted(last, key=lambda name: (-costs[name], name))


def test_each_network_is_as_likely_as_any_other_to_be_in_a_part():
    """Counts are binomial; 100 of them are within four deviations of the mean."""
    seeds, part = 2000, 40
    counts = dict.fromkeys(COSTS, 0)
    for seed in range(seeds):
        for name in training_order(COSTS, seed)[:part]:
            counts[name] += 1
    deviation = np.sqrt(seeds * 0.4 * 0.6)
    assert max(abs(count - seeds * 0.4) for count in counts.values()) < 4 * deviation


def idle_at_the_end(order, costs, workers):
    """How long each worker has nothing to do until the last run ends, and how long that takes."""
    free = [0.0] * workers
    for name in order:
        end = free[0] + costs[name]
        heapreplace(free, end)
    return [max(free) - time for time in free]


@pytest.mark.parametrize('workers', [2, 8, 16])
def test_at_the_end_no_worker_idles_for_longer_than_a_training(workers):
    draw = np.random.default_rng(0)
    evened, random_to_the_end = [], []
    for seed in range(50):
        costs = {f'{number:06d}': cost for number, cost in enumerate(draw.lognormal(0, 0.5, 200))}
        order = training_order(costs, seed)
        idle = idle_at_the_end(order, costs, workers)
        assert max(idle) <= max(costs[name] for name in order[-20 - workers :])
        evened += idle
        shuffled = order[:180] + random.Random(seed).sample(order[180:], 20)
        random_to_the_end += idle_at_the_end(shuffled, costs, workers)
    assert np.mean(evened) < 0.6 * np.mean(random_to_the_end)


def test_a_part_that_was_trained_in_order_is_a_random_part():
    order = training_order(COSTS, 5)
    for part in (0, 1, 40, 95, 100):
        ended, untouched = set(order[:part]), set(order[part:])
        assert is_random_part(COSTS, set(COSTS), 5, ended=ended, untouched=untouched)
    # 3 and 4 are being trained, or were interrupted, and those behind them have ended
    ended = set(order[:3]) | set(order[5:9])
    assert is_random_part(COSTS, set(COSTS), 5, ended=ended, untouched=set(order[9:]))


def test_another_part_is_none():
    order = training_order(COSTS, 5)
    costliest = set(sorted(COSTS)[:40])
    for ended in (costliest, set(order[1:40]), {order[99]}, {order[0], order[99]}):
        untouched = set(COSTS) - ended
        assert not is_random_part(COSTS, set(COSTS), 5, ended=ended, untouched=untouched)
    first = set(order[:40])
    assert not is_random_part(COSTS, set(COSTS), 6, ended=first, untouched=set(COSTS) - first)


def test_of_the_last_tenth_any_may_be_left():
    order = training_order(COSTS, 5)
    for left in ({order[90]}, {order[99]}, set(order[92:97])):
        assert is_random_part(COSTS, set(COSTS), 5, ended=set(COSTS) - left, untouched=left)
    for left in ({order[89]}, {order[89], order[99]}):
        assert not is_random_part(COSTS, set(COSTS), 5, ended=set(COSTS) - left, untouched=left)


def test_so_many_networks_are_the_first_ones_and_more_go_on_with_them():
    few, many = first_networks(COSTS, 5, 20), first_networks(COSTS, 5, 60)
    assert len(few) == 20 and many[:20] == few == training_order(COSTS, 5)[:20]
    assert first_networks(COSTS, 6, 20) != few


def test_of_fewer_networks_than_there_are_those_that_ended_are_a_random_part():
    """And in the middle of it, where the last tenth of them may end in any order."""
    few = first_networks(COSTS, 5, 40)
    untouched = set(COSTS) - set(few)
    assert is_random_part(COSTS, set(few), 5, ended=set(few), untouched=untouched)
    left = {few[37]}
    assert is_random_part(COSTS, set(few), 5, ended=set(few) - left, untouched=untouched | left)
    left = {few[30]}
    assert not is_random_part(COSTS, set(few), 5, ended=set(few) - left, untouched=untouched | left)
    chosen = set(few[1:])  # by whoever named them
    assert not is_random_part(COSTS, chosen, 5, ended=chosen, untouched=set(COSTS) - chosen)
