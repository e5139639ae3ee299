"""Measuring networks side by side: alternating runs, medians, ratios."""
import statistics
import time
from dataclasses import dataclass
from typing import Tuple

import torch
from torch import nn


@dataclass(frozen=True)
class Timing:
    """Seconds per step of one contestant, a value per round.

    Attributes:
        name (str): the contestant.
        seconds (tuple[float]): one median per round.
    """

    name: str
    seconds: Tuple[float, ...]

    @property
    def median(self):
        return statistics.median(self.seconds)

    def ratio_to(self, other):
        """Median over rounds of this time by the other's of the same round: noise common to a round cancels."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds))


def inference_step(network, images):
    """Return a function that computes the outputs for the images, in evaluation mode."""
    network.eval()

    def step():
        with torch.inference_mode():
            network(images)

    return step


def training_step(network, images):
    """Return a function that does forward, backward and an SGD step on random labels."""
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9, nesterov=True, weight_decay=5e-5)
    labels = torch.arange(len(images), device=images.device)

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()

    return step


def _seconds(step):
    start = time.perf_counter()
    step()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def race(steps, rounds, progress=lambda done: None):
    """Time steps in turn, in an order that rotates from round to round.

    Args:
        steps (dict[str, Callable]): the contestants.
        rounds (int): each does one step a round, after two that do not count.
        progress (Callable[[int], None]): told the number of rounds done.

    Returns:
        list[Timing]: in the order of ``steps``.
    """
    seconds = {name: [] for name in steps}
    names = list(steps)
    for count in range(-2, rounds):
        for name in names[count % len(names):] + names[:count % len(names)]:
            duration = _seconds(steps[name])
            if count >= 0:
                seconds[name].append(duration)
        progress(count + 1)
    return [Timing(name, tuple(values)) for name, values in seconds.items()]
