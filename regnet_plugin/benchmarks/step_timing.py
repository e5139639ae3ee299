"""How long steps take side by side: in turn, as medians and as ratios within a round."""

import statistics
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from regnet_plugin.benchmarks.device import wait_for_device
from regnet_plugin.benchmarks.steps import Step

Name = TypeVar('Name', bound=Hashable)

IMAGENET_IMAGES = 1_281_167  # for training
EPOCHS = 100  # of the training times in the paper's tables
WARM_UP_ROUNDS = 2  # that do not count: in these compiled networks compile, and caches fill


@dataclass(frozen=True)
class Timing:
    """Seconds per step of one contestant.

    Attributes:
        seconds: one value per round.
    """

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a fraction of the median.

        It is 0 for less than two rounds.
        """
        if len(self.seconds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return (high - low) / 2 / self.median

    def ratio_to(self, other: 'Timing') -> float:
        """Median over rounds of this time by the other's of the same round.

        So noise that is common to a round cancels.
        """
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds))


def _say_nothing(rounds_done: int) -> None:
    """The progress that nobody wants to know of."""


def time_in_turn(
    steps: Mapping[Name, Step], rounds: int, progress: Callable[[int], None] = _say_nothing
) -> dict[Name, Timing]:
    """Time steps in turn, in an order that rotates from round to round.

    Args:
        steps: the contestants by name.
        rounds: each does one step a round, after two rounds that do not count.
        progress: told the number of rounds done that count, from -1 on.

    Returns:
        A `Timing` for each, in the order of ``steps``.
    """
    names = list(steps)
    seconds: dict[Name, list[float]] = {name: [] for name in names}
    for number in range(-WARM_UP_ROUNDS, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            duration = _duration(steps[name])
            if number >= 0:
                seconds[name].append(duration)
        progress(number + 1)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def _duration(step: Step) -> float:
    """Seconds of one step."""
    start = time.perf_counter()
    step.run()
    wait_for_device()
    return time.perf_counter() - start


def training_hours(seconds: float, batch: int) -> float:
    """Hours for the paper's 100 epochs of ImageNet on this one device.

    Args:
        seconds: of a training step.
        batch: images in a step.
    """
    return EPOCHS * IMAGENET_IMAGES / batch * seconds / 3600


def terminal_progress(title: str, rounds: int) -> Callable[[int], None]:
    """A ``progress`` of `time_in_turn` that says on a terminal which round it is."""

    def say(rounds_done: int) -> None:
        if not sys.stderr.isatty():
            return
        if rounds_done < rounds:
            line = f'\r{title}: round {rounds_done} of {rounds} '
        else:
            line = '\r' + ' ' * 78  # nothing is left of it
        print(line, end='\r', file=sys.stderr, flush=True)

    return say
