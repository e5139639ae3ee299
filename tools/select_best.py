#!/usr/bin/env python
"""Train the best networks of a population again: tools/select_best.py --help."""

import argparse
import sys

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import export_it, say_next, train_for_weights
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

NOTES = """The paper (section 5) takes the best of 25, and trains it for 100 epochs with 5 seeds.

Networks are ranked by the error of the last epoch, the mean where a network was trained with several seeds; failed ones
are left out. They are trained in work_dirs/<population>/runs/<recipe>/ as train_population.py trains, and the same
command goes on where it was. Baselines get the population's resolution, classes, stem and strides, and the same recipe
and seeds; they are in work_dirs/<population>/baselines/, a population of its own. The table is also written as
runs/<recipe>/best.csv: mean and standard deviation (n - 1) over the seeds of the last epoch's error, in percent.

--dry-run says which networks are the best, what is left to be trained and what that costs here, and writes nothing.
Exit code: 0 if networks were trained, also where some failed; 1 if every run failed; 2 if nothing can be trained so."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/select_best.py work_dirs/regnetx configs/regnetx_400mf_imagenet.py --ranked-by dds_25e_imagenet --among 25    section 5
  tools/select_best.py work_dirs/regnetx configs/regnetx_400mf_imagenet.py --ranked-by dds_25e_imagenet --count 3 \\
    --baselines regnetx_400mf depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16
  tools/select_best.py work_dirs/regnetx_digits configs/regnetx_6.5mf_digits.py --ranked-by short --seed 0 1 2 \\
    --baselines resnet50 regnetx_400mf --baseline-flops 6.5e6"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    from regnet_plugin.launchers.options import add_training_options, check_training_options

    parser = Parser(
        description='Choose the best networks of a trained population, train them again with '
        'several seeds, beside baselines, and report mean and deviation of their errors.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder that tools/train_population.py has trained')
    parser.add_argument('recipe', help='path of the config that says how the best ones are trained')
    parser.add_argument(
        '--ranked-by',
        required=True,
        metavar='NAME',
        help='recipe whose results choose: a folder of runs/, or the config that it was made of',
    )
    parser.add_argument(
        '--count', type=int, default=1, metavar='K', help='networks that are chosen; default: 1'
    )
    parser.add_argument(
        '--seed',
        nargs='+',
        type=int,
        default=[0, 1, 2, 3, 4],
        help='of the trainings; default: 0 1 2 3 4',
    )
    parser.add_argument(
        '--among', type=int, metavar='N', help='choose from the first N networks; default: from all'
    )
    parser.add_argument(
        '--baselines',
        nargs='+',
        default=[],
        metavar='NETWORK',
        help='published names, parameters, or resnet50, resnext50 and so on',
    )
    parser.add_argument(
        '--baseline-flops',
        type=float,
        metavar='FLOPS',
        help='scale the widths of each baseline by one factor to so many; default: as they are',
    )
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help='only say what would be trained, and what it would cost',
    )
    add_training_options(parser)
    with blame('--cfg-options'):
        args = parser.parse_args()
    check_training_options(parser, args)
    for name in ('count', 'among'):
        if getattr(args, name) is not None and getattr(args, name) <= 0:
            parser.error(f'--{name} must be positive, but it is {getattr(args, name)}')
    return args


def main() -> None:
    from regnet_plugin.cli.progress import outlive_readers

    outlive_readers()
    args = parse_arguments()
    from regnet_plugin.launchers.options import launcher_of, print_estimate, settings_of
    from regnet_plugin.population.ranking import ratings_of, write_ratings
    from regnet_plugin.population.runs.layout import CONFIG, RunName
    from regnet_plugin.population.runs.run import noted_checkpoint
    from regnet_plugin.population.runs.standing import Watch
    from regnet_plugin.population.store import Population
    from regnet_plugin.training.populations.retraining import (
        plan_retraining,
        ratings_table,
        recipe_name,
        retrain,
    )
    from regnet_plugin.training.populations.standing_picture import error_in_words

    with refused(ValueError, OSError):
        population = Population.open(args.population)
        here = args.launcher == 'local' and not args.dry_run  # an estimate does without the data
        if args.dry_run:
            say('trying the recipe with a network', sys.stderr)
        chosen, runs = plan_retraining(
            population,
            args.recipe,
            ranked_by=args.ranked_by,
            count=args.count,
            seeds=args.seed,
            among=args.among,
            baselines=args.baselines,
            baseline_flops=args.baseline_flops,
            name=args.name,
            options=args.cfg_options,
            keep=not args.dry_run,
            trained=True,
            trained_here=here,
            retry_failed=args.retry_failed,
            processes=args.processes,
            say=lambda text: say(f'note: {text}'),
        )
        say(
            f'best with {recipe_name(args.ranked_by)}: '
            + ', '.join(
                f'{best.network.name} ({error_in_words(best.mean, best.unit)})' for best in chosen
            )
        )
        if args.dry_run:
            print_estimate(population, [run for group in runs for run in group], args)
            return
        retrain(
            runs, lambda: launcher_of(args), retry_failed=args.retry_failed, **settings_of(args)
        )
        ratings = ratings_of(run for group in runs for run in group)
        path = runs[0][0].folder.parent / 'best.csv'
        baselines = {run.network.name for group in runs[1:] for run in group}
        write_ratings(path, ratings, baselines)
    say(ratings_table(ratings, baselines))
    say(path)
    if not any(rating.errors for rating in ratings):
        sys.exit(1)
    best = Watch(runs[0]).look().best
    if best is not None:
        folder = path.parent / RunName(best.network, best.seed).folder
        checkpoint = noted_checkpoint(folder) if args.keep_checkpoints else None
        if checkpoint is None:
            say_next(train_for_weights(folder / CONFIG))
        else:
            say_next(export_it(folder / CONFIG, folder / checkpoint))


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
