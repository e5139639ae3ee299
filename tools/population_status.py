#!/usr/bin/env python
"""Show how far the training of a population is: tools/population_status.py --help."""
import argparse

from regnet_plugin.engine.errors import exit_on_user_error, refused

EPILOG = """examples:
  population_status.py work_dirs/regnetx_digits
  population_status.py work_dirs/regnetx_digits --watch

For each recipe: how many runs ended, the best error so far (after the last epoch), networks per hour during the last hour,
the time left; which runs are being trained now, where, and how far they are; what failed, and why. It reads the files, so
it may run on any machine that sees the folder, while the training goes on elsewhere or after it has ended."""


def main():
    parser = argparse.ArgumentParser(description='Show how far the training of a population is.',
                                     formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG)
    parser.add_argument('population', help='folder of tools/train_population.py')
    parser.add_argument('--watch', action='store_true', help='go on showing it until all runs ended')
    args = parser.parse_args()
    from regnet_plugin.engine.population_display import print_status, watch_status
    from regnet_plugin.population.runs import planned_runs
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        plans = planned_runs(Population.open(args.population))
        if not plans:
            print(f'nothing of {args.population} was trained yet: tools/train_population.py does it')
        elif args.watch:
            watch_status(plans)
        else:
            print_status(plans)


if __name__ == '__main__':
    exit_on_user_error(main)
