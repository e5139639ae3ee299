#!/usr/bin/env python
"""Time the drawing of populations: tools/benchmark_sampling.py --help."""

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.printing import say

EXAMPLES = """\
  tools/benchmark_sampling.py configs/design_spaces/regnetx.py configs/design_spaces/anynetx_e.py
  tools/benchmark_sampling.py configs/design_spaces/regnety.py --flops 3e9 3.2e9 --size 50 --rounds 1"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Draw the same population several times in memory, on one core, and print the '
        'median.',
        examples=EXAMPLES,
        guide='design_spaces',
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
