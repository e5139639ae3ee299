#!/usr/bin/env python
"""Write the training configs of a population: tools/write_configs.py --help."""

from regnet_plugin.cli.arguments import Parser, folder, network
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import say_next, train_it
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import counted

NOTES = """A config is complete: nothing of the recipe has to be there when it is trained, and the run fills the config's own folder.
A recipe that cannot take a network is refused before anything is written, in one line that says why.
Any config of a classifier or detector is a recipe, and the network takes the place of its backbone: also one line,
_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'"""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/write_configs.py work_dirs/regnetx configs/regnetx_400mf_imagenet.py
  tools/write_configs.py work_dirs/regnetx configs/regnetx_400mf_imagenet.py --networks 000007 --seed 0 1 2 3 4
  tools/write_configs.py work_dirs/regnetx_digits configs/regnetx_6.5mf_digits.py --cfg-options train_cfg.max_epochs=5
  tools/train.py work_dirs/regnetx_digits/runs/regnetx_6.5mf_digits/000000-0/config.py"""  # noqa: E501  as it is printed


def main() -> None:
    from regnet_plugin.training.config.options import Options

    parser = Parser(
        description='Put networks of a population into a recipe: configs that train.py runs as '
        'they stand.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument('recipe', help='path of the config that says how the networks are trained')
    parser.add_argument(
        '--networks', nargs='+', type=network, metavar='NUMBER', help='such as 7; default: all'
    )
    parser.add_argument(
        '--seed', nargs='+', type=int, default=[0], help='of the training, one or more; default: 0'
    )
    parser.add_argument(
        '--out',
        type=folder,
        metavar='FOLDER',
        help='for <recipe>/<network>-<seed>/config.py; default: POPULATION/runs',
    )
    parser.add_argument(
        '--name',
        help="of the runs' folder, where a recipe is used with several options; default: the "
        "recipe's",
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace recipe and configs that are there and differ',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the recipe, such as train_cfg.max_epochs=10',
    )
    with blame('--cfg-options'):
        args = parser.parse_args()
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.population.store import Population
    from regnet_plugin.training.populations.run_configs import write_configs
    from regnet_plugin.training.populations.run_planning import prepare_runs

    with refused(ValueError, OSError), progress_bar() as tell:
        runs = prepare_runs(
            Population.open(args.population),
            args.recipe,
            name=args.name,
            names=args.networks,
            seeds=args.seed,
            out=args.out,
            options=args.cfg_options,
            overwrite=args.overwrite,
        )
        paths = write_configs(runs, args.overwrite, tell)
    say(f'{counted(len(paths), "config")}, the first one: {paths[0]}')
    say_next(train_it(paths[0]))


if __name__ == '__main__':
    exit_on_user_error(main)
