#!/usr/bin/env python
"""Carry out a study, several populations after one plan: tools/run_study.py --help."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import UserError, exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON
from regnet_plugin.study.plan import Part, Plan

EPILOG = """examples:
  run_study.py configs/study/study.py --dry-run     the commands, which can be given by hand as well
  run_study.py configs/study/study.py               all of it, about 50 minutes on two cores
  run_study.py my_study.py --results my_results     a study of one's own: configs/study/study.py \
is one to begin from

For each part of the plan: sample a population, train it, time it where the plan says so, and \
write its results as one
table, RESULTS/<key>.jsonl; at the end, where the plan says so, the best network is trained again \
beside others, and their
errors written as RESULTS/selection.csv. Each step is a command of this folder that is shown \
before it runs. The same
command goes on where it was, whatever died; a part whose table is whole is left alone, also on \
another machine.
tools/report_study.py says what the results say."""


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Sample, train and export the populations of a study.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG,
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


def run(command: Sequence[object], dry: bool) -> None:
    """Show a command of this folder, and carry it out unless nothing is to be done."""
    tool, *arguments = map(str, command)
    say('$ tools/' + shlex.join([tool, *arguments]))
    if dry:
        return
    code = subprocess.run([sys.executable, Path(__file__).with_name(tool), *arguments]).returncode
    if code:
        raise UserError(
            f'tools/{tool} ended with exit code {code}; what was done until then is kept'
        )


def standing(parts: Sequence[Part], done: int, seconds: float) -> str:
    """Say how many parts are done, in which time, and how long the others will take.

    That is estimated as if all networks took equally long.
    """
    trained = sum(part.size for part in parts[:done])
    others = sum(part.size for part in parts[done:])
    left = f', about {seconds * others / trained / 60:.0f} minutes left' if others else ''
    return (
        f'{parts[done - 1].name} is done: {done} of {len(parts)} parts in '
        f'{seconds / 60:.1f} minutes{left}\n'
    )


def select(plan: Plan, work_dir: Path, results: Path, args: argparse.Namespace) -> None:
    """Train the best network again, beside others, and keep the table of their errors.

    Where the tables are of another machine, the networks that it is chosen from are trained first.
    """
    from regnet_plugin.study.plan_file import selection_of, training_commands
    from regnet_plugin.study.results import SELECTION

    assert plan.selection is not None  # who calls this has seen it
    source = plan.part(plan.selection.of)
    for command in training_commands(plan, source, work_dir, args.workers):
        run(command, args.dry_run)
    command, table = selection_of(plan, work_dir, args.workers)
    run(command, args.dry_run)
    if not args.dry_run:
        shutil.copy(table, results / SELECTION)


def main() -> None:
    from regnet_plugin.cli.progress import outlive_readers

    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.study.plan_file import commands_of, is_done, read_plan
    from regnet_plugin.study.rehearsal import rehearse_plan
    from regnet_plugin.study.results import SELECTION

    with refused(ValueError, OSError):
        plan = read_plan(args.plan)
        unknown = set(args.only or ()) - {part.key for part in plan.parts}
        if unknown:
            raise ValueError(
                f'--only must name parts ({", ".join(part.key for part in plan.parts)}), but it '
                f'names {", ".join(sorted(unknown))}'
            )
        work_dir = args.work_dir or Path('work_dirs', plan.path.stem)
        results = args.results or work_dir / 'results'
        left = [
            part
            for part in plan.parts
            if (args.only is None or part.key in args.only) and not is_done(part, results)
        ]
        selecting = (
            bool(plan.selection) and args.only is None and not (results / SELECTION).exists()
        )
        if left or selecting:
            say('trying each recipe with a network', sys.stderr)
            rehearse_plan(plan, left, selecting)
        start = time.monotonic()
        for number, part in enumerate(left, 1):
            for command in commands_of(plan, part, work_dir, results, args.workers):
                run(command, args.dry_run)
            if not args.dry_run:
                say(standing(left, number, time.monotonic() - start))
        if selecting:
            select(plan, work_dir, results, args)


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
