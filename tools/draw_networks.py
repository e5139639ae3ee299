#!/usr/bin/env python
"""Draw networks, the width of each block: tools/draw_networks.py --help."""

import os
from pathlib import Path

from regnet_plugin.cli.arguments import Parser, network
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.report.diagrams import PAGE

NOTES = f"""Solid: the width of block j. Dashed: the line w_0 + w_a j that a RegNet quantizes. The title has the parameters that the
network can be built from; what is as in the paper is left out. {PAGE} networks on a page. Of a population over a config: a bar for
each parameter, from its least value in the networks shown to its greatest."""  # noqa: E501  as it is printed
EXAMPLES = f"""\
  tools/draw_networks.py regnetx_400mf regnety_4.0gf --out regnets.png
  tools/draw_networks.py depth=24,w_0=32,w_a=8,w_m=2,group_width=16
  tools/draw_networks.py work_dirs/regnetx    the first {PAGE} networks of a population
  tools/draw_networks.py work_dirs/regnetx --networks 0 7 --log"""


def main() -> None:
    parser = Parser(
        description='Draw the width of each block of networks.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='design_spaces',
    )
    parser.add_argument(
        'what',
        nargs='+',
        metavar='NETWORK',
        help='a published name, parameters, or the folder of a population',
    )
    parser.add_argument(
        '--networks',
        nargs='+',
        type=network,
        metavar='NUMBER',
        help='which networks of the population, such as 7',
    )
    parser.add_argument(
        '--count',
        type=int,
        default=PAGE,
        help=f'so many first ones, without --networks; default: {PAGE}',
    )
    parser.add_argument('--log', action='store_true', help='logarithmic width axis')
    parser.add_argument(
        '--out',
        metavar='FILE',
        help='.png, .svg or .pdf; default: networks.png in the folder of the population, else here',
    )
    args = parser.parse_args()
    if args.count < 1:
        parser.error(f'--count must be at least 1, but it is {args.count}')
    from regnet_plugin.population.selection import named_networks
    from regnet_plugin.report.diagrams import contact_sheet, save_pages

    folder = args.what[0] if os.path.isdir(args.what[0]) else '.'
    with refused(ValueError, OSError):
        networks = named_networks(args.what, args.networks, args.count)
        paths = save_pages(
            contact_sheet(networks, log=args.log), Path(args.out or f'{folder}/networks.png')
        )
    say('\n'.join(map(str, paths)))


if __name__ == '__main__':
    exit_on_user_error(main)
