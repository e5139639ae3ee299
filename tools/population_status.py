#!/usr/bin/env python
"""Show how far the training of a population is: tools/population_status.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import UserError, exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.population.runs.run import Run

NOTES = """For each recipe: how many runs ended, the best error so far (after the last epoch), while runs are being trained networks
per hour during the last hour and the time left; which runs are being trained now, where, by which process, and how far they
are; what failed, and why; without --watch the EDF of the errors, the share of networks that is better than each. Runs that nobody trains now are interrupted, or not started. It reads the files, so it may run on
any machine that sees the folder, while the training goes on elsewhere or after it has ended. --watch ends when all runs
ended, or when for two minutes nothing was running and nothing ended; where the output is no terminal it is a line for each
run that ends, and one every minute."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/population_status.py work_dirs/regnetx_digits
  tools/population_status.py work_dirs/regnetx_digits --recipe dds_10e_digits --watch"""


def main() -> None:
    parser = Parser(
        description='Show how far the training of a population is.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder of tools/train_population.py')
    parser.add_argument(
        '--recipe', metavar='NAME', help='only the runs with this one: a folder of runs/'
    )
    parser.add_argument(
        '--watch', action='store_true', help='go on showing it until all runs ended'
    )
    args = parser.parse_args()
    from regnet_plugin.population.folder import BASELINES
    from regnet_plugin.population.runs.planning import planned_runs
    from regnet_plugin.population.store import Population
    from regnet_plugin.training.populations.display import print_status, watch_status

    with refused(ValueError, OSError):
        check_place(Path(args.population))
        population = Population.open(args.population)
        plans = chosen(planned_runs(population), args)
        if not any(plans.values()):
            say(f'nothing of {args.population} was trained yet: tools/train_population.py does it')
        elif args.watch:
            watch_status(plans)
        else:
            print_status(plans, sum(1 for _ in population))
        if Population.exists(population.directory / BASELINES):
            say(f'\nbaselines: population_status.py {population.directory / BASELINES}')


def check_place(directory: Path) -> None:
    """Name the population where a folder within it was given, or the folder that it is in."""
    from regnet_plugin.population.folder import MANIFEST
    from regnet_plugin.population.store import Population

    if Population.exists(directory):
        return
    for folder in (*directory.parents, *directory.absolute().parents):
        if Population.exists(folder):
            raise UserError(
                f'{directory} is in the population {folder}: give that, and --recipe for one recipe'
            )
    inside = sorted(str(path.parent) for path in directory.glob(f'*/{MANIFEST}'))
    if inside:
        raise UserError(f'{directory} is no population, but it has some: {", ".join(inside)}')


def chosen(plans: dict[Path, list[Run]], args: argparse.Namespace) -> dict[Path, list[Run]]:
    """The runs of the recipe that was asked for, by the folder of the recipe."""
    if args.recipe is None:
        return plans
    for folder, runs in plans.items():
        if folder.name == args.recipe:
            return {folder: runs}
    known = ', '.join(folder.name for folder in plans) or 'none yet'
    raise UserError(
        f'--recipe must be one that there are runs with ({known}), but it is {args.recipe}'
    )


if __name__ == '__main__':
    exit_on_user_error(main)
