#!/usr/bin/env python
"""Time the statistics of populations: tools/benchmark_analysis.py --help."""

import argparse
import statistics
import time

import numpy as np

from regnet_plugin.analysis import best_of, compare, draws_needed, edf, empirical_bootstraps
from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.printing import say

_COLUMNS = 20


def main():
    parser = Parser(
        description='Compute the statistics of random populations several times, on one core, and '
        'print the medians.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""example:
  OMP_NUM_THREADS=1 benchmark_analysis.py --populations 20 --size 500""",
    )
    parser.add_argument('--populations', type=int, default=20, help='default: 20')
    parser.add_argument('--size', type=int, default=500, help='networks in each; default: 500')
    parser.add_argument(
        '--draws', type=int, default=500, help='of random search, from 1 to; default: 500'
    )
    parser.add_argument('--rounds', type=int, default=9, help='default: 9')
    args = parser.parse_args()
    for name in ('populations', 'size', 'draws', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    seconds = [_round(args, seed) for seed in range(args.rounds)]
    for name in seconds[0]:
        say(f'{name:<28}{1e3 * statistics.median(one[name] for one in seconds):>9.1f} ms')
    say(f'{"all":<28}{1e3 * statistics.median(sum(one.values()) for one in seconds):>9.1f} ms')


def _round(args, seed):
    """Seconds of each statistic."""
    generator = np.random.default_rng(seed)
    errors = {
        f'population {number}': 35 + generator.gamma(2, 2, args.size)
        for number in range(args.populations)
    }
    columns = {
        f'column {number}': generator.integers(0, 4 ** (1 + number % 5), args.size).astype(float)
        for number in range(_COLUMNS)
    }
    columns['column 0'][::5] = np.nan  # some are unknown, as those of a stage that a network lacks
    draws = np.arange(1, args.draws + 1)
    tasks = {
        'EDFs with bands': lambda one: [f.band().steps() for f in [edf(one)]],
        f'bootstraps of {_COLUMNS} columns': lambda one: empirical_bootstraps(columns, one),
        f'search to {args.draws} draws': lambda one: (best_of(one, draws), draws_needed(one, 0.5)),
    }
    seconds = {}
    for name, task in tasks.items():
        start = time.perf_counter()
        for one in errors.values():
            task(one)
        seconds[name] = time.perf_counter() - start
    start = time.perf_counter()
    pairs = compare(errors).pairs
    for pair in pairs:
        pair.text
    seconds[f'comparison of {len(pairs)} pairs'] = time.perf_counter() - start
    return seconds


if __name__ == '__main__':
    main()
