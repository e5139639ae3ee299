#!/usr/bin/env python
"""Time the statistics of populations: tools/benchmark_analysis.py --help."""

import argparse

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.printing import say

EXAMPLES = """\
  tools/benchmark_analysis.py --populations 2 --size 100 --rounds 3    in seconds
  tools/benchmark_analysis.py --populations 20 --size 500"""


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Compute the statistics of random populations several times, on one core, and '
        'print the medians; then judge restrictions of such a population, and make the '
        'page of all and one of a million networks, on all cores.',
        examples=EXAMPLES,
        guide='reports',
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
    return args


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.benchmarks.analysis_speed import analysis_table  # after --help: scipy
    from regnet_plugin.benchmarks.page_speed import page_table

    for line in analysis_table(args.populations, args.size, args.draws, args.rounds):
        say(line)
    for line in page_table(args.populations, args.size, args.rounds):
        say(line)


if __name__ == '__main__':
    main()
