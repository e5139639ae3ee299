#!/usr/bin/env python
"""Time RegNets beside other libraries' with the same weights: tools/benchmark.py --help."""
import argparse

from regnet_plugin.engine.errors import exit_on_user_error


def main():
    parser = argparse.ArgumentParser(
        description='Time a step of one network in several libraries, alternating, with the same weights. The ratio is '
        "the library's time by ours, above 1 where we are faster; 'ours again' says how far from 1 chance goes.",
        formatter_class=argparse.RawDescriptionHelpFormatter, epilog="""example:
  benchmark.py regnetx_400mf regnety_1.6gf --rounds 30""")
    parser.add_argument('networks', nargs='+', metavar='NETWORK', help='published names')
    parser.add_argument('--batch', type=int, default=8, help='images per step; default: 8')
    parser.add_argument('--resolution', type=int, default=224, help='default: 224')
    parser.add_argument('--rounds', type=int, default=15, help='steps of each contestant; default: 15')
    args = parser.parse_args()
    for name in ('batch', 'resolution', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    from regnet_plugin.engine.race_table import print_races  # after --help: imports torch

    print_races(args.networks, args.batch, args.resolution, args.rounds)


if __name__ == '__main__':
    exit_on_user_error(main)
