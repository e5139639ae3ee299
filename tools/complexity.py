#!/usr/bin/env python
"""Flops, parameters and activations of networks: tools/complexity.py --help."""

import argparse

from regnet_plugin.benchmarks.complexity_table import complexity_table
from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.printing import say


def main() -> None:
    parser = Parser(
        description='Print what networks cost, for one image, and their stage widths. One flop is '
        'one multiply-add; activations are the outputs of conv layers.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  complexity.py regnetx_3.2gf regnety_3.2gf
  complexity.py depth=24,w_0=32,w_a=8,w_m=2,group_width=16 --resolution 32 --num-classes 10
  complexity.py configs/regnetx_6.5mf_digits.py --resolution 32
  complexity.py configs/comparisons/*.py            the networks of the paper's tables 2 to 4""",
    )
    parser.add_argument(
        'networks',
        nargs='+',
        metavar='NETWORK',
        help='a published name, the path of a config, or parameters',
    )
    parser.add_argument(
        '--resolution',
        nargs='+',
        type=int,
        metavar='SIDE',
        help="side of the image, or height and width; default: that of a config's test images, "
        'else 224',
    )
    parser.add_argument(
        '--num-classes', type=int, help="default: the classifier's, else 1000; a detector has none"
    )
    args = parser.parse_args()
    resolution = args.resolution
    if resolution is not None:
        resolution = resolution[0] if len(resolution) == 1 else tuple(resolution)
    say(complexity_table(args.networks, resolution, args.num_classes))


if __name__ == '__main__':
    exit_on_user_error(main)
