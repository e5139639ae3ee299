"""How fast populations are drawn: the table of tools/benchmark_sampling.py."""

import statistics
import time
from dataclasses import dataclass
from itertools import islice

from regnet_plugin.design_spaces.sampler import Sampler


@dataclass(frozen=True)
class Speed:
    """What it took to draw a population in memory, on one core.

    Attributes:
        seconds (float): median over the rounds.
        attempts (int): candidates looked at.
    """

    seconds: float
    attempts: int

    @property
    def microseconds(self):
        """Per candidate, everything included."""
        return 1e6 * self.seconds / self.attempts


def sampling_speed(space, constraints, size, rounds):
    """Draw the same population several times.

    Args:
        space (DesignSpace), constraints (Constraints): what to draw.
        size, rounds (int): networks; how often.

    Returns:
        Speed: without the start of Python and the imports.
    """
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        sampler = Sampler(space, constraints, seed=0)
        for _ in islice(sampler, size):
            pass
        seconds.append(time.perf_counter() - start)
    return Speed(statistics.median(seconds), sampler.attempts)
