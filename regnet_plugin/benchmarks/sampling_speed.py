"""How fast populations are drawn: the table of tools/benchmark_sampling.py."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from regnet_plugin.cli.errors import blame, refused
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.design_spaces.space import DesignSpace


@dataclass(frozen=True)
class Speed:
    """What it took to draw a population in memory, on one core.

    Attributes:
        seconds: median over the rounds.
        attempts: candidates looked at.
    """

    seconds: float
    attempts: int

    @property
    def microseconds(self) -> float:
        """Per candidate, everything included."""
        return 1e6 * self.seconds / self.attempts


def sampling_speed(space: DesignSpace, constraints: Constraints, size: int, rounds: int) -> Speed:
    """Draw the same population several times.

    Args:
        space: what to draw from.
        constraints: what the networks must keep.
        size: networks in the population.
        rounds: how often it is drawn, at least once.

    Returns:
        The speed without the start of Python and the imports.
    """
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        sampler = Sampler(space, constraints, seed=0)
        for _ in islice(sampler, size):
            pass
        seconds.append(time.perf_counter() - start)
    return Speed(statistics.median(seconds), sampler.attempts)


def sampling_table(
    paths: Sequence[str], flops: tuple[float, float], size: int, rounds: int
) -> Iterator[str]:
    """Give the lines of the table, each one when its design space has been measured.

    Args:
        paths: configs of design spaces.
        flops: interval that the networks are held to.
        size: networks in a population.
        rounds: how often it is drawn.

    Raises:
        UserError: if a config cannot be read, or nothing keeps the constraints.
    """
    yield f'{"space":<28}{"candidates":>12}{"accepted":>10}{"seconds":>9}{"each":>10}'
    for path in paths:
        with blame(path):
            space, _, constraints = design_space_of(path, intervals=dict(flops=flops))
        with refused(ValueError):
            speed = sampling_speed(space, constraints, size, rounds)
        yield (
            f'{Path(path).stem:<28}{speed.attempts:>12,}{size / speed.attempts:>10.3%}'
            f'{speed.seconds:>9.3f}{speed.microseconds:>7.2f} us'
        )
