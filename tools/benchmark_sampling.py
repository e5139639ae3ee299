#!/usr/bin/env python
"""Time the drawing of populations: tools/benchmark_sampling.py --help."""

import argparse

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.printing import say


def main() -> None:
    parser = Parser(
        description='Draw the same population several times in memory, on one core, and print the '
        'median.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""example:
  benchmark_sampling.py configs/design_spaces/regnetx.py configs/design_spaces/anynetx_e.py""",
    )
    parser.add_argument('configs', nargs='+', metavar='CONFIG', help='design spaces')
    parser.add_argument(
        '--flops',
        type=float,
        nargs=2,
        default=(360e6, 400e6),
        metavar=('LOW', 'HIGH'),
        help='default: 360e6 400e6, the regime of section 3',
    )
    parser.add_argument('--size', type=int, default=500, help='networks; default: 500')
    parser.add_argument('--rounds', type=int, default=5, help='default: 5')
    args = parser.parse_args()
    for name in ('size', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    from regnet_plugin.benchmarks.sampling_speed import sampling_table

    for line in sampling_table(args.configs, args.flops, args.size, args.rounds):
        say(line)


if __name__ == '__main__':
    exit_on_user_error(main)
