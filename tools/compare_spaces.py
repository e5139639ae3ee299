#!/usr/bin/env python
"""Compare design spaces while their networks are trained: tools/compare_spaces.py --help."""

import argparse
import sys
from pathlib import Path

from regnet_plugin.cli.arguments import Parser, folder
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import restrict, say_next
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

NOTES = """Networks of each space are sampled, and ten of each trained in turn. After every ten there is a look: which space is better,
are they equal within the margin, or is it too early to say? The level of the looks is such that all of them together call
equal spaces different in 5% of the cases at most (--confidence). Nothing is lost when something dies: the same command
goes on. What it comes to is printed and written as comparison.txt and report.html, beside a population per space.

--dry-run says, from the first trainings in the folder or from tables of errors, how many trainings and hours it takes to
find a difference, and writes nothing.

Exit code: 0 if the comparison has ended, whatever came of it; 2 if it cannot be made so, which is said in one line; 130
after Ctrl-C."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/compare_spaces.py configs/design_spaces/anynetx_c_digits.py configs/design_spaces/anynetx_d_digits.py \\
    configs/recipes/dds_10e_digits.py --flops 2e6 8e6 --trainings 200 --workers 2
  tools/compare_spaces.py configs/design_spaces/anynetx_{d,e}_digits.py configs/recipes/dds_10e_digits.py --flops 2e6 8e6 \\
    --dry-run --errors docs/study/anynetx_d.jsonl docs/study/anynetx_e.jsonl --difference 1"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    from regnet_plugin.launchers.options import add_training_options, check_training_options

    parser = Parser(
        description='Compare design spaces while their networks are trained, until it is decided.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='comparing',
    )
    parser.add_argument(
        'spaces', nargs='+', metavar='SPACE', help='paths of design spaces, two or more'
    )
    parser.add_argument('recipe', metavar='RECIPE', help='path of the config that says how')
    parser.add_argument(
        '--flops',
        type=float,
        nargs=2,
        metavar=('LOW', 'HIGH'),
        required=True,
        help='interval that all networks keep, so that sizes are not compared',
    )
    parser.add_argument(
        '--trainings', type=int, default=200, help='at most, of all spaces; default: 200'
    )
    parser.add_argument(
        '--size', type=int, default=500, help='networks sampled of each space; default: 500'
    )
    parser.add_argument(
        '--confidence', type=float, default=0.95, help='of what is said in the end; default: 0.95'
    )
    parser.add_argument(
        '--margin',
        type=float,
        default=0.5,
        metavar='POINTS',
        help='a smaller difference does not matter: spaces may be found equal within it; default: '
        '0.5',
    )
    parser.add_argument(
        '--statistic',
        default='mean',
        help='mean or median error, best:16 (expected best of 16 networks) or below:12.5 (share of '
        'networks below 12.5%%); default: mean',
    )
    parser.add_argument('--seed', type=int, default=0, help='of the samples; default: 0')
    parser.add_argument(
        '--out', type=folder, metavar='FOLDER', help='default: work_dirs/<spaces, with a +>'
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='only say what it takes to find a difference'
    )
    parser.add_argument(
        '--errors',
        nargs='+',
        default=[],
        metavar='TABLE',
        help='for --dry-run: tables or populations with errors, one or one for each space',
    )
    parser.add_argument(
        '--difference',
        type=float,
        nargs='+',
        default=[1.0],
        metavar='POINTS',
        help='for --dry-run: that is to be found; default: 1',
    )
    add_training_options(parser)
    with blame('--cfg-options'):
        args = parser.parse_args()
    check_training_options(parser, args)
    if min(args.difference) <= 0:
        parser.error(f'--difference must be above 0, but it is {min(args.difference)}')
    return args


def note(text: str) -> None:
    say(f'note: {text}')


def main() -> None:
    from regnet_plugin.cli.progress import outlive_readers

    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.comparison import compare_spaces, plan_comparison, trainer
    from regnet_plugin.comparison.forecast import forecast_lines, known_spaces
    from regnet_plugin.launchers.options import launcher_of, settings_of

    with refused(ValueError, OSError):
        plan = plan_comparison(
            args.spaces,
            args.recipe,
            flops=tuple(args.flops),
            trainings=args.trainings,
            size=args.size,
            margin=args.margin,
            confidence=args.confidence,
            statistic=args.statistic,
            seed=args.seed,
            name=args.name,
            options=args.cfg_options,
        )
        out = Path(args.out or f'work_dirs/{"+".join(plan.names)}')
        if args.dry_run:
            known = known_spaces(plan, out, args.errors)
            say('\n'.join(forecast_lines(plan, known, args.difference, args.workers or 1)))
            return
        train = trainer(
            plan,
            lambda: launcher_of(args),
            retry_failed=args.retry_failed,
            trained_here=args.launcher == 'local',
            say=note,
            **settings_of(args),
        )
        comparison = compare_spaces(plan, out, train, lambda text: say(text, sys.stderr))
    say(comparison.text)
    say(comparison.page)
    best = comparison.decision.verdicts[-1].better
    say_next(restrict(out / best))


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
