"""How many trainings it takes to find a difference of two spaces, at once or by looks."""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.looks.boundaries import crossing_chances, look_bounds

POWER = 0.8  # chance to find a difference that is there
_MOST_LOOKS = 100  # more are planned by nobody, and take long to compute


@dataclass(frozen=True)
class TrainingsByLooks:
    """Trainings of each of two spaces that find a difference with a chance of `POWER`.

    Attributes:
        planned: that are to be planned.
        expected: mean of those that it takes.
    """

    planned: int
    expected: float


def trainings_at_once(difference: float, variance: float, confidence: float = 0.95) -> int:
    """Say how many trainings of each of two spaces find a difference, all compared at once.

    They find it with a chance of `POWER`, by the normal approximation.

    Args:
        difference: of the means, not 0.
        variance: sum of the variances of one network's error of each space, above 0; less where
            what is known of untrained networks tells a part of it.
        confidence: of what is said in the end, between 0 and 1. Default: 0.95.

    Raises:
        ValueError: if one of them is out of range.
    """
    _check(confidence, difference=abs(difference), variance=variance)
    quantiles = ndtri((1 + confidence) / 2) + ndtri(POWER)
    return math.ceil(float(variance * (quantiles / difference) ** 2))


def trainings_by_looks(
    difference: float, variance: float, every: int, confidence: float = 0.95
) -> TrainingsByLooks | None:
    """Say the same where there is a look after every so many trainings of each space.

    Args:
        difference, variance, confidence: as `trainings_at_once`'s.
        every: trainings of each space between two looks, at least 1.

    Returns:
        None if it takes more than a hundred looks.

    Raises:
        ValueError: if one of them is out of range.
    """
    _check(confidence, difference=abs(difference), variance=variance, every=every)
    drift = abs(difference) * math.sqrt(every / variance)

    def crossed(looks: int) -> NDArray[np.float64]:
        return crossing_chances(look_bounds(looks, 1 - confidence), drift)

    numbers = range(1, _MOST_LOOKS + 1)
    place = bisect_left(numbers, POWER, key=lambda looks: float(crossed(looks)[-1]))
    if place == len(numbers):
        return None
    looks = numbers[place]
    return TrainingsByLooks(every * looks, every * (looks - float(crossed(looks)[:-1].sum())))


def trainings_for_equality(margin: float, variance: float, confidence: float = 0.95) -> int:
    """Say how many trainings of each of two equal spaces show that they are, all compared at once.

    Args:
        margin: within which the interval of their difference is to lie, above 0.
        variance, confidence: as `trainings_at_once`'s.

    Raises:
        ValueError: if one of them is out of range.
    """
    _check(confidence, margin=margin, variance=variance)
    quantiles = ndtri((1 + confidence) / 2) + ndtri((1 + POWER) / 2)
    return math.ceil(float(variance * (quantiles / margin) ** 2))


def _check(confidence: float, **positive: float) -> None:
    check_share(confidence=confidence)
    for name, value in positive.items():
        if not 0 < value < math.inf:
            raise ValueError(f'{name} must be a number above 0, but it is {value}')
