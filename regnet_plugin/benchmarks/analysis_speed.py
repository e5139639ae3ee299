"""How fast the statistics of populations are computed: the table of tools/benchmark_analysis.py."""

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import best_of, compare, draws_needed, edf, empirical_bootstraps

_COLUMNS = 20  # about as many as a report bootstraps: parameters, counts, those of the stages

Errors = NDArray[np.float64]


def analysis_table(populations: int, size: int, draws: int, rounds: int) -> list[str]:
    """Compute the statistics of random populations several times, on one core.

    Args:
        populations: how many there are.
        size: networks in each.
        draws: of random search, from 1 to this many.
        rounds: how often everything is computed, each time of other populations.

    Returns:
        Lines with the median milliseconds of each statistic, the last one of all together.
    """
    seconds = [_round(populations, size, draws, seed) for seed in range(rounds)]
    lines = []
    for name in seconds[0]:
        lines.append(_line(name, statistics.median(one[name] for one in seconds)))
    lines.append(_line('all', statistics.median(sum(one.values()) for one in seconds)))
    return lines


def _line(name: str, seconds: float) -> str:
    return f'{name:<28}{1e3 * seconds:>9.1f} ms'


def _round(populations: int, size: int, draws: int, seed: int) -> dict[str, float]:
    """Seconds of each statistic, by what it is called in the table."""
    generator = np.random.default_rng(seed)
    errors = {
        f'population {number}': 35 + generator.gamma(2, 2, size) for number in range(populations)
    }
    columns = _random_columns(generator, size)
    numbers = np.arange(1, draws + 1)

    def all_edfs() -> None:
        for one in errors.values():
            edf(one).band().steps()

    def all_bootstraps() -> None:
        for one in errors.values():
            empirical_bootstraps(columns, one)

    def all_searches() -> None:
        for one in errors.values():
            best_of(one, numbers)
            draws_needed(one, 0.5)

    def all_comparisons() -> None:
        for pair in compare(errors).pairs:
            pair.text  # it is computed when it is asked for

    pairs = populations * (populations - 1) // 2
    return {
        'EDFs with bands': _duration(all_edfs),
        f'bootstraps of {_COLUMNS} columns': _duration(all_bootstraps),
        f'search to {draws} draws': _duration(all_searches),
        f'comparison of {pairs} pairs': _duration(all_comparisons),
    }


def _random_columns(generator: np.random.Generator, size: int) -> dict[str, Errors]:
    """Properties of networks: whole numbers, of 4 to 1024 different values."""
    columns = {
        f'column {number}': generator.integers(0, 4 ** (1 + number % 5), size).astype(float)
        for number in range(_COLUMNS)
    }
    columns['column 0'][::5] = np.nan  # some are unknown, as those of a stage that a network lacks
    return columns


def _duration(compute: Callable[[], None]) -> float:
    """Seconds of a computation."""
    start = time.perf_counter()
    compute()
    return time.perf_counter() - start
