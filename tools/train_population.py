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
work. A network that diverges, does not fit into memory or takes its process down is recorded as failed."""


def parse_arguments():
    from mmengine.config import DictAction

    from regnet_plugin.engine.launchers.options import add_launcher_options, check_launcher_options

    parser = argparse.ArgumentParser(description='Train the networks of a population with a recipe.',
                                     formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG)
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument('recipe', help='path of the config that says how, such as those of configs/recipes/')
    parser.add_argument('--name', help="of the runs' folder, where a recipe is used with several options; default: the "
                        "recipe's")
    parser.add_argument('--networks', nargs='+', metavar='NUMBER', help='such as 000007; default: all')
    parser.add_argument('--seed', nargs='+', type=int, default=[0], help='of the trainings, one or more; default: 0')
    parser.add_argument('--workers', type=int, metavar='N',
                        help='networks trained at a time; default: one per GPU, else one')
    parser.add_argument('--processes', type=int, default=1, metavar='K',
                        help='GPUs, or processes on CPUs, that train one network together; default: 1')
    parser.add_argument('--tries', type=int, default=3, metavar='N',
                        help='after so many in a row without a new checkpoint a network has failed; default: 3')
    parser.add_argument('--timeout', type=float, default=30.0, metavar='MINUTES',
                        help='without an iteration, after which a training counts as hanging and is killed; default: 30')
    parser.add_argument('--keep-checkpoints', action='store_true', help='of runs that ended; default: they are deleted')
    parser.add_argument('--retry-failed', action='store_true', help='train again what failed before')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE',
                        help='change settings of the recipe, such as train_cfg.max_epochs=25')
    add_launcher_options(parser)
    with blame('--cfg-options'):
        args = parser.parse_args()
    check_launcher_options(parser, args)
    for name in ('workers', 'processes', 'tries', 'timeout'):
        if getattr(args, name) is not None and getattr(args, name) <= 0:
            parser.error(f'--{name} must be positive, but it is {getattr(args, name)}')
    if min(args.seed) < 0:
        parser.error(f'--seed must not be negative, but it is {min(args.seed)}')
    return args


def main():
    args = parse_arguments()
    from regnet_plugin.engine.launchers.options import launcher_of
    from regnet_plugin.engine.population_display import population_display
    from regnet_plugin.engine.population_training import make_ready, train_population
    from regnet_plugin.engine.run_configs import prepare_runs
    from regnet_plugin.population.runs import Work
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        runs = prepare_runs(Population.open(args.population), args.recipe, name=args.name, options=args.cfg_options,
                            names=args.networks, seeds=args.seed)
        for note in make_ready(runs, args.retry_failed):
            print(f'note: {note}')
        work = Work(runs, args.tries, 60 * args.timeout, args.keep_checkpoints, args.processes)
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
