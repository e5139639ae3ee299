#!/usr/bin/env python
"""Sample a population of networks from a design space: tools/sample_population.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser, folder
from regnet_plugin.cli.errors import blame, exit_on_user_error, not_ended, refused
from regnet_plugin.cli.next_steps import recipe_for, say_next, train_them
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.quantities import interval, seconds, size_in_bytes

NOTES = """The same config, constraints and seed give the same networks, and a larger population begins with the smaller one.
--latency holds networks to a time that a device model predicts: one of those that come with the package ({devices}) or a
file of tools/model_device.py. --memory holds them to the most bytes of activations that inference of one image has at a time.
One network per line of architectures.jsonl: nominal parameters, architecture after the group-width rule, complexity."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/sample_population.py configs/design_spaces/regnetx.py --flops 360e6 400e6
  tools/sample_population.py configs/design_spaces/regnetx.py --flops 360e6 400e6 --size 1000 --resume    500 more
  tools/sample_population.py configs/design_spaces/anynetx_a.py --cfg-options design_space.num_stages=5
  tools/sample_population.py configs/design_spaces/regnetx_constrained.py --flops 3e9 3.2e9 --out work_dirs/3.2gf
  tools/sample_population.py configs/design_spaces/regnetx.py --latency 8ms 9ms --device i7-12700h --memory 1MB
  tools/sample_population.py configs/design_spaces/regnety.py --twins-of work_dirs/regnetx --out work_dirs/twins
  tools/sample_population.py configs/design_spaces/of_configs/vision_transformer_digits.py --size 60    networks of any config"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    from regnet_plugin.device.packaged import PACKAGED
    from regnet_plugin.training.config.options import Options

    parser = Parser(
        description='Draw networks from a design space until a number of them keeps the '
        'constraints.',
        notes=NOTES.format(devices=', '.join(PACKAGED)),
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument(
        'config', help='path of the design space, such as those of configs/design_spaces/'
    )
    parser.add_argument(
        '--size',
        type=int,
        help='networks wanted; default: 500, as in the paper, or all twins',
    )
    for name, unit in (
        ('flops', 'multiply-adds of an image'),
        ('parameters', 'weights'),
        ('activations', 'conv outputs'),
        ('stages', 'number of stages'),
    ):
        parser.add_argument(
            f'--{name}',
            type=float,
            nargs=2,
            metavar=('LOW', 'HIGH'),
            help=f"interval of {unit}; default: the config's, else any",
        )
    parser.add_argument(
        '--latency',
        type=seconds,
        nargs='+',
        metavar='TIME',
        help='the most that --device takes for a step of its batch, such as 9ms, or least and most',
    )
    parser.add_argument('--device', help='device model: one that comes with the package, or a file')
    parser.add_argument(
        '--memory',
        type=size_in_bytes,
        nargs='+',
        metavar='SIZE',
        help='the most bytes of activations at a time, such as 1MB, or least and most',
    )
    parser.add_argument(
        '--element',
        choices=('int8', 'fp16', 'fp32'),
        default='int8',
        help='what --memory holds; default: int8, a byte each',
    )
    parser.add_argument(
        '--seed', type=int, help='default: 0, or that of the population whose twins are wanted'
    )
    parser.add_argument(
        '--twins-of',
        type=folder,
        metavar='POPULATION',
        help='networks of the same draws as those of this folder, where both spaces accept them: '
        'to compare pair by pair, not to know the mean of the space',
    )
    parser.add_argument(
        '--out', type=folder, metavar='FOLDER', help='default: work_dirs/<name of the config>'
    )
    parser.add_argument(
        '--resume', action='store_true', help='go on after an interruption, or to a larger size'
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace the population that is in the folder'
    )
    parser.add_argument(
        '--processes',
        type=int,
        default=1,
        help='that draw; changes the time, not the result; default: 1',
    )
    parser.add_argument(
        '--patience',
        type=int,
        metavar='N',
        help='give up after this many candidates in a row without a new network; default: '
        '5,000,000, or 100 times the draws that there are',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the config, such as design_space.w_m=2',
    )
    with blame('--cfg-options'):
        args = parser.parse_args()
    if args.resume and args.overwrite:
        parser.error(
            '--resume goes on with a population and --overwrite replaces it: only one of them is '
            'possible'
        )
    for name in ('size', 'processes', 'patience'):
        given = getattr(args, name)
        if given is not None and given < 1:
            parser.error(f'--{name} must be at least 1, but it is {given}')
    if (args.latency is None) != (args.device is None):
        parser.error('--latency is one on a --device: both are needed')
    for name in ('latency', 'memory'):
        try:
            setattr(args, name, interval(getattr(args, name)))
        except ValueError as error:
            parser.error(f'--{name}: {error}')
    return args


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.core.layers.activation_memory import ELEMENT_BYTES
    from regnet_plugin.design_spaces.configuration import design_space_of
    from regnet_plugin.design_spaces.constraints import BOUNDED
    from regnet_plugin.population.making.sampling import sample_population
    from regnet_plugin.population.making.twins import LAW, flops_of, origin_of_twins
    from regnet_plugin.population.predictions import prediction_note

    intervals = {name: getattr(args, name) for name in BOUNDED}
    intervals.update(latency=args.latency, device=args.device)
    if args.memory is not None:
        size_of_one = ELEMENT_BYTES[args.element]
        intervals['peak_activations'] = [end and end / size_of_one for end in args.memory]
    if args.twins_of and args.flops is None:
        with refused(ValueError, OSError):
            intervals['flops'] = flops_of(args.twins_of)
    with blame(args.config), not_ended():
        space, described, constraints = design_space_of(args.config, args.cfg_options, intervals)
    out = args.out or f'work_dirs/{Path(args.config).stem}'
    mode = 'resume' if args.resume else 'overwrite' if args.overwrite else 'create'
    origin, size, seed = None, args.size or 500, args.seed or 0
    if args.twins_of:
        with refused(ValueError, OSError):
            origin = origin_of_twins(args.twins_of, space, constraints, args.seed)
        size, seed = args.size or len(origin.draws), origin.stream.seed
    with refused(ValueError, OSError), progress_bar() as tell:
        population = sample_population(
            space,
            described,
            constraints,
            size=size,
            seed=seed,
            directory=out,
            mode=mode,
            processes=args.processes,
            patience=args.patience,
            progress=lambda found, tried: tell(
                found, size, f'{found / tried:.2%} of {tried:,} accepted'
            ),
            preparing=lambda done, total: tell(
                done, total, 'counted, to guess what candidates cost'
            ),
            twins_of=origin,
        )
    found = population.manifest
    size = 'uncountably many' if space.size is None else f'{space.size:.3g}'
    say(f'{space.dimension} degrees of freedom, {size} possible draws')
    say(
        f'{found["size"]:,} networks, {found["acceptance_rate"]:.3%} of {found["attempts"]:,} '
        f'candidates: {population.path}'
    )
    note = prediction_note(population)
    if note:
        say(note)
    if origin is not None:
        say(f'twins of {found["size"]:,} of {len(origin.draws):,} networks: {LAW}')
    recipe = population.base or recipe_for(args.config, described.get('num_classes'))
    say_next(train_them(out, str(recipe)))


if __name__ == '__main__':
    exit_on_user_error(main)
