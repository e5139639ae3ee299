#!/usr/bin/env python
"""Measure what the engine of populations costs: tools/benchmark_population.py --help."""

from regnet_plugin.cli.arguments import Parser, network
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.printing import say

NOTES = """Each network is trained by the engine (MMEngine's Runner with hooks, logs, checkpoints, the result) and by a bare PyTorch
loop with the same network, data path and evaluations, in turn, in one process of one thread; the ratio is the median of
the engine's time by the loop's. On small networks it is largest. Then: where the time of the engine,
and of a step of a network on made-up images, goes; beside one product of matrices; and in both memory formats."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/benchmark_population.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --networks 0 1 2
  tools/benchmark_population.py work_dirs/regnetx_digits configs/recipes/dds_10e_digits.py --rounds 5 --cfg-options train_cfg.max_epochs=2"""  # noqa: E501  as it is printed


def main() -> None:
    from regnet_plugin.training.config.options import Options

    parser = Parser(
        description='Time the engine against a bare PyTorch loop.',
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
        '--rounds', type=int, default=3, help='how often each is trained each way; default: 3'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the recipe, such as train_cfg.max_epochs=5',
    )
    with blame('--cfg-options'):
        args = parser.parse_args()
    from regnet_plugin.benchmarks.populations.engine_overhead import (
        engine_overheads,
        median_ratio,
        median_shares,
    )
    from regnet_plugin.benchmarks.populations.step_parts import told_of_steps
    from regnet_plugin.population.selection import networks_of
    from regnet_plugin.population.store import Population
    from regnet_plugin.training.populations.recipe_config import read_recipe

    overheads = []
    with refused(ValueError, OSError):
        population = Population.open(args.population)
        for overhead in engine_overheads(
            population,
            args.recipe,
            args.networks,
            args.rounds,
            args.cfg_options,
        ):
            overheads.append(overhead)
            say(
                f'{overhead.name}: engine {overhead.engine_seconds:.2f} s, bare loop '
                f'{overhead.bare_loop_seconds:.2f} s'
            )
    say(f'engine / bare loop: {median_ratio(overheads):.3f}, median of {len(overheads)}')
    for part, share in median_shares(overheads).items():
        say(f'{share:>7.1%} of the engine: {part}')
    recipe = read_recipe(args.recipe, args.cfg_options)
    for line in told_of_steps(networks_of(population, args.networks), recipe):
        say(line)


if __name__ == '__main__':
    exit_on_user_error(main)
