#!/usr/bin/env python
"""Count what a cluster asks of its shared file system: tools/benchmark_cluster.py --help."""

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.printing import say

NOTES = """The launcher and the workers are the real ones, each machine a process here; trainings are played: they take their
seconds, tell how far they are and write a result, all in a temporary folder. Counted are operations on the files of the
population, per second: each path that is asked for, and each reading, writing or listing. What trainings read and write
themselves, images, logs and checkpoints, is not in it."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/benchmark_cluster.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --machines 8 --gpus 8 --seconds 600
  tools/benchmark_cluster.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --machines 2 --gpus 1 --limit 10"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Count the operations of a cluster on the file system that it shares.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder of tools/sample_population.py')
    parser.add_argument('recipe', help='path of the config that says how the networks are trained')
    parser.add_argument('--machines', type=int, default=8, metavar='N', help='default: 8')
    parser.add_argument('--gpus', type=int, default=8, metavar='N', help='of each; default: 8')
    parser.add_argument(
        '--seconds', type=float, default=600.0, help='that a training takes; default: 600'
    )
    parser.add_argument(
        '--limit', type=float, default=60.0, help='seconds that it is watched; default: 60'
    )
    args = parser.parse_args()
    from regnet_plugin.benchmarks.populations.cluster_load import cluster_load, expected_load
    from regnet_plugin.population.store import Population

    with refused(ValueError, OSError):
        counted = cluster_load(
            Population.open(args.population),
            args.recipe,
            machines=args.machines,
            gpus=args.gpus,
            seconds=args.seconds,
            limit=args.limit,
        )
    expected = expected_load(args.machines * args.gpus, args.seconds)
    for name, load in (('counted', counted), ('expected', expected)):
        say(
            f'{name}: {load.total:.0f} operations per second, {load.launcher:.0f} of the launcher '
            f'and {load.workers:.0f} of the workers'
        )


if __name__ == '__main__':
    exit_on_user_error(main)
