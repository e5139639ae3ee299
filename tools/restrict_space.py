#!/usr/bin/env python
"""Propose or write a restriction of a population's design space: tools/restrict_space.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.guides import guide
from regnet_plugin.cli.next_steps import sample_it, say_next
from regnet_plugin.cli.printing import say

NOTES = f"""Names in a rule: depth, width, bottleneck_ratio, group_width, with a stage from 1 as in width[3] or without for every
stage (depth: the blocks of the whole network); w_0, w_a, w_m and what else the space draws; flops, parameters, activations.
rising(width): no stage's width is below the one before; falling and equal likewise. With <, <=, >, >=, ==, !=, + - * / // %,
and, or, not, parentheses. A restriction is judged by the networks that were trained: {guide('reports')} says how."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/restrict_space.py work_dirs/anynetx_c                            what the population suggests
  tools/restrict_space.py work_dirs/anynetx_c --where 'rising(width)'    what this one would leave
  tools/restrict_space.py work_dirs/anynetx_c --where 'width[3] >= width[2] and group_width >= 8' --out my_space.py
  tools/sample_population.py my_space.py"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Judge restrictions of a design space by networks of it that are trained '
        'already: those that the population suggests, or one of your own, and write its config.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='restrictions',
    )
    parser.add_argument('population', help='folder, or a table, that has been trained')
    parser.add_argument('--where', metavar='RULE', help='the restriction; default: propose some')
    parser.add_argument(
        '--out', type=Path, metavar='FILE', help='write the config of the restricted space, a .py'
    )
    parser.add_argument(
        '--recipe',
        metavar='NAME',
        help='with which they were trained; needed where there are several',
    )
    args = parser.parse_args()
    if args.out is not None and args.where is None:
        parser.error('--out writes the space that --where says, which is not given')
    if args.out is not None and args.out.suffix != '.py':
        parser.error(f'--out must be a file whose name ends in .py, but it is {args.out}')
    if args.out is not None and Path(args.population).is_file():
        parser.error(
            "--out needs the folder of a population, which knows its design space's config, but "
            f'{args.population} is a file'
        )
    return args


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.report.proposals import judgement_lines

    with refused(ValueError, OSError):
        for line in judgement_lines(args.population, args.recipe, args.where):
            say(line)
        if args.out is not None:
            from regnet_plugin.design_spaces.restricted_config import write_restricted_config
            from regnet_plugin.population.store import Population

            manifest = Population.open(args.population).manifest
            for line in write_restricted_config(manifest, args.where, args.out):
                say(line)
            say_next(sample_it(args.out))


if __name__ == '__main__':
    exit_on_user_error(main)
