"""How fast populations are drawn: the table of tools/benchmark_sampling.py."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from regnet_plugin.cli.errors import blame, refused
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.design_spaces.sampler import Sampler


@dataclass(frozen=True)
class Speed:
    """What it took to draw a population in memory, on one core.

    Attributes:
        seconds: median over the rounds.
        attempts: candidates looked at.
        alone: median seconds of a Python that does nothing else, beyond its start.
    """

    seconds: float
    attempts: int
    alone: float

    @property
    def microseconds(self) -> float:
        """Per candidate, everything included."""
        return 1e6 * self.seconds / self.attempts


def sampling_speed(path: str, flops: tuple[float, float], size: int, rounds: int) -> Speed:
    """Draw the same population several times.

    Args:
        path: of the config of the design space.
        flops: interval that the networks are held to.
        size: networks in the population.
        rounds: how often it is drawn, at least once.

    Returns:
        The speed, in memory and without the imports; and with these.
    """
    space, constraints = _space(path, flops)
    seconds, alone = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        sampler = _draw(space, constraints, size)
        seconds.append(time.perf_counter() - start)
        alone.append(_seconds('-m', __name__, path, *map(str, flops), str(size)))
        alone[-1] -= _seconds('-c', 'pass')
    return Speed(statistics.median(seconds), sampler.attempts, statistics.median(alone))


def _space(path: str, flops: tuple[float, float]) -> tuple[ParameterSpace, Constraints]:
    with blame(path):
        space, _, constraints = design_space_of(path, intervals=dict(flops=flops))
    return space, constraints


def _draw(space: ParameterSpace, constraints: Constraints, size: int) -> Sampler:
    """Draw a population, and return what drew it."""
    sampler = Sampler(space, constraints, seed=0)
    for _ in islice(sampler, size):
        pass
    return sampler


def _seconds(*arguments: str) -> float:
    """Seconds that another Python takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True)
    return time.perf_counter() - start


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
    yield (
        f'{"space":<28}{"candidates":>12}{"accepted":>10}{"seconds":>9}{"each":>10}'
        f'{"with imports":>15}'
    )
    for path in paths:
        with refused(ValueError):
            speed = sampling_speed(path, flops, size, rounds)
        yield (
            f'{Path(path).stem:<28}{speed.attempts:>12,}{size / speed.attempts:>10.3%}'
            f'{speed.seconds:>9.3f}{speed.microseconds:>7.2f} us{speed.alone:>13.3f} s'
        )


def main() -> None:
    """Draw a population of what is on the command line."""
    path, low, high, size = sys.argv[1:]
    _draw(*_space(path, (float(low), float(high))), int(size))


if __name__ == '__main__':
    main()
