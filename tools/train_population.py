#!/usr/bin/env python
"""Train every network of a population: tools/train_population.py --help."""
import argparse
from pathlib import Path

from regnet_plugin.engine.errors import blame, exit_on_user_error, refused

EPILOG = """examples:
  train_population.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --workers 2
  train_population.py work_dirs/regnetx configs/recipes/dds_10e_imagenet.py --seed 0 1 2
  train_population.py work_dirs/regnetx configs/recipes/dds_10e_imagenet.py --name lr_0.1 \\
    --cfg-options optim_wrapper.optimizer.lr=0.1

Each network and seed is a run, work_dirs/<population>/runs/<recipe>/<network>-<seed>/: a config that train.py runs as it
stands, MMEngine's logs, and at the end result.json. Nothing is lost when something dies: the same command goes on where it
was, from the newest checkpoint of each run, and several of them, on one machine or on many that see one folder, share the
work. A network that diverges, does not fit into memory or takes its process down is recorded as failed.

--dry-run says what is left to be trained and what it costs, in flops and hours on this machine, and writes nothing."""


def parse_arguments():
    from regnet_plugin.engine.launchers.options import add_training_options, check_training_options

    parser = argparse.ArgumentParser(description='Train the networks of a population with a recipe.',
                                     formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG)
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument('recipe', help='path of the config that says how, such as those of configs/recipes/')
    parser.add_argument('--networks', nargs='+', metavar='NUMBER', help='such as 000007; default: all')
    parser.add_argument('--seed', nargs='+', type=int, default=[0], help='of the trainings, one or more; default: 0')
    parser.add_argument('--dry-run', action='store_true', help='only say what would be trained, and what it would cost')
    add_training_options(parser)
    parser.add_argument('--detach', action='store_true', help='slurm: submit and leave; the jobs go on by themselves')
    with blame('--cfg-options'):
        args = parser.parse_args()
    check_training_options(parser, args)
    return args


def print_estimate(population, runs, args):
    from regnet_plugin.engine.run_configs import read_recipe
    from regnet_plugin.engine.training_estimate import estimate_text, estimate_training

    recipe = read_recipe(args.recipe, args.cfg_options, population.manifest.get('custom_imports', []))
    print(estimate_text(estimate_training(runs, recipe, workers=args.workers, processes=args.processes,
                                          retry_failed=args.retry_failed)))


def main():
    from regnet_plugin.engine.progress import outlive_readers
    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.engine.launchers.options import launcher_of, settings_of
    from regnet_plugin.engine.population_display import population_display
    from regnet_plugin.engine.population_training import make_ready, train_population
    from regnet_plugin.engine.run_configs import prepare_runs
    from regnet_plugin.population.runs import Work
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        population = Population.open(args.population)
        runs = prepare_runs(population, args.recipe, name=args.name, options=args.cfg_options, names=args.networks,
                            seeds=args.seed, keep=not args.dry_run)
        if args.dry_run:
            print_estimate(population, runs, args)
            return
        for note in make_ready(runs, args.retry_failed):
            print(f'note: {note}')
        work = Work(runs, **settings_of(args))
        launcher = launcher_of(args)
        if args.detach:
            launcher.start(work)
            print(f'scancel {launcher.job} cancels it; tools/population_status.py {args.population} shows how far it is')
            return
        with population_display(str(runs[0].folder.parent)) as show:
            standing = train_population(work, launcher, show)
    for result in standing.failed:
        print(f'failed: {result.network}-{result.seed}, {result.reason}: {result.message}')
    print(f'{len(standing.done)} of {standing.total} networks trained: {Path(runs[0].folder.parent)}')


if __name__ == '__main__':
    exit_on_user_error(main)
