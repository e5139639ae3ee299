#!/usr/bin/env python
"""Carry out a study, several populations after one plan: tools/run_study.py --help."""

import argparse
import os
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import report_study, say_next
from regnet_plugin.cli.wording import GOES_ON

NOTES = """For each part of the plan: sample a population, train it, time it where the plan says so, and write its results as one
table, RESULTS/<key>.jsonl; at the end, where the plan says so, the best network is trained again beside others, and their
errors written as RESULTS/selection.csv. Where the plan has looks, the parts of its pairs are trained some networks at a time,
until each pair is decided or as many are trained as are planned. Each step is a command of this folder that is shown before
it runs. The same command goes on where it was, whatever died; a part whose table is whole is left alone, also on another
machine, and what a table holds already is not trained again.
tools/report_study.py says what the results say."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/run_study.py configs/study/study.py --dry-run    the commands, which can be given by hand as well
  tools/run_study.py configs/study/study.py              all of it, about 50 minutes on two cores
  tools/run_study.py my_study.py --results my_results    a study of one's own: configs/study/study.py is one to begin from"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Sample, train and export the populations of a study.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='study',
    )
    parser.add_argument('plan', help='path of the config that lists the parts')
    parser.add_argument(
        '--work-dir',
        type=Path,
        metavar='FOLDER',
        help='of the populations; default: work_dirs/<plan>',
    )
    parser.add_argument(
        '--results', type=Path, metavar='FOLDER', help='of the tables; default: <work-dir>/results'
    )
    parser.add_argument(
        '--only', nargs='+', metavar='KEY', help='parts that are carried out; default: all'
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=os.cpu_count(),
        help='networks trained at a time; default: cores',
    )
    parser.add_argument('--dry-run', action='store_true', help='only say which commands would run')
    args = parser.parse_args()
    if args.workers < 1:
        parser.error(f'--workers must be at least 1, but it is {args.workers}')
    return args


def main() -> None:
    from regnet_plugin.cli.progress import outlive_readers

    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.study.execution import Execution
    from regnet_plugin.study.plan_file import read_plan

    with refused(ValueError, OSError):
        plan = read_plan(args.plan)
        work_dir = args.work_dir or Path('work_dirs', plan.path.stem)
        results = args.results or work_dir / 'results'
        execution = Execution(
            plan,
            work_dir,
            results=results,
            workers=args.workers,
            tools=Path(__file__).parent,
            dry_run=args.dry_run,
        )
        execution.carry_out(args.only)
    if args.only is None and not args.dry_run:
        say_next(report_study(args.plan, results))


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
