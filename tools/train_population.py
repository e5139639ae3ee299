#!/usr/bin/env python
"""Train every network of a population: tools/train_population.py --help."""

import argparse
import sys

from regnet_plugin.cli.arguments import Parser, network
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import follow, make_page, say_next
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

NOTES = """Each network and seed is a run, work_dirs/<population>/runs/<recipe>/<network>-<seed>/: a config that train.py runs as it
stands, MMEngine's logs, and at the end result.json. Nothing is lost when something dies: the same command goes on where it
was, from the newest checkpoint of each run, and several of them, on one machine or on many that see one folder, share the
work. A network that diverges, does not fit into memory or takes its process down is recorded as failed.

--dry-run says what is left to be trained and what it costs, in flops and hours on this machine, and writes nothing.

Exit code: 0 if networks were trained, also where some failed; 1 if every run that was asked for failed; 2 if nothing can be
trained so, which is said in one line; 130 after Ctrl-C. When the cause of failures is gone, --retry-failed trains them
again; a recipe with which every run failed may be corrected and keeps its name."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/train_population.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --workers 2
  tools/train_population.py work_dirs/regnetx configs/recipes/dds_10e_imagenet.py --trainings 100
  tools/train_population.py work_dirs/regnetx configs/recipes/dds_10e_imagenet.py --seed 0 1 2
  tools/train_population.py work_dirs/regnetx configs/recipes/dds_10e_imagenet.py --name lr_0.1 \\
    --cfg-options optim_wrapper.optimizer.lr=0.1"""


def parse_arguments() -> argparse.Namespace:
    from regnet_plugin.launchers.options import add_training_options, check_training_options

    parser = Parser(
        description='Train the networks of a population with a recipe.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument(
        'recipe', help='path of the config that says how, such as those of configs/recipes/'
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        '--networks', nargs='+', type=network, metavar='NUMBER', help='such as 7; default: all'
    )
    which.add_argument(
        '--trainings',
        type=int,
        metavar='N',
        help='train only so many networks, a random part of the population; a larger number later '
        'goes on with it; default: all',
    )
    parser.add_argument(
        '--seed', nargs='+', type=int, default=[0], help='of the trainings, one or more; default: 0'
    )
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help='only say what would be trained, and what it would cost',
    )
    add_training_options(parser)
    parser.add_argument(
        '--detach',
        action='store_true',
        help='slurm: submit and leave; the jobs go on by themselves',
    )
    with blame('--cfg-options'):
        args = parser.parse_args()
    check_training_options(parser, args)
    return args


def note(text: str) -> None:
    say(f'note: {text}')


def main() -> None:
    from regnet_plugin.cli.progress import outlive_readers

    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.launchers.options import launcher_of, print_estimate, settings_of
    from regnet_plugin.population.runs.planning import Work
    from regnet_plugin.population.store import Population
    from regnet_plugin.training.populations.display import population_display
    from regnet_plugin.training.populations.run_planning import prepare_runs
    from regnet_plugin.training.populations.supervision import (
        make_ready,
        told_at_the_end,
        train_population,
    )

    with refused(ValueError, OSError):
        population = Population.open(args.population)
        here = args.launcher == 'local' and not args.dry_run  # an estimate does without the data
        if args.dry_run:
            say('trying the recipe with a network', sys.stderr)
        runs = prepare_runs(
            population,
            args.recipe,
            name=args.name,
            options=args.cfg_options,
            names=args.networks,
            trainings=args.trainings,
            seeds=args.seed,
            keep=not args.dry_run,
            trained=True,
            trained_here=here,
            retry_failed=args.retry_failed,
            processes=args.processes,
            say=note,
        )
        if args.dry_run:
            print_estimate(population, runs, args)
            return
        for text in make_ready(runs, args.retry_failed):
            note(text)
        work = Work(runs, **settings_of(args))
        launcher = launcher_of(args)
        if args.detach:
            launcher.start(work)
            say(f'scancel {launcher.job} cancels it')
            say_next(follow(args.population))
            return
        with population_display(str(runs[0].folder.parent)) as show:
            standing = train_population(work, launcher, show)
    say('\n'.join(told_at_the_end(standing, runs[0].folder.parent)))
    if not standing.done:
        sys.exit(1)
    say_next(make_page([args.population]))


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
