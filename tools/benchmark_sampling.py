#!/usr/bin/env python
"""Time the drawing of populations: tools/benchmark_sampling.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.printing import say


def main():
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
    from regnet_plugin.benchmarks.sampling_speed import sampling_speed
    from regnet_plugin.design_spaces.configuration import design_space_of

    say(f'{"space":<28}{"candidates":>12}{"accepted":>10}{"seconds":>9}{"each":>10}')
    for path in args.configs:
        with blame(path):
            space, _, constraints = design_space_of(path, intervals=dict(flops=args.flops))
        with refused(ValueError):
            speed = sampling_speed(space, constraints, args.size, args.rounds)
        say(
            f'{Path(path).stem:<28}{speed.attempts:>12,}{args.size / speed.attempts:>10.3%}{speed.seconds:>9.3f}'
            f'{speed.microseconds:>7.2f} us'
        )


if __name__ == '__main__':
    exit_on_user_error(main)
