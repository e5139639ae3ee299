#!/usr/bin/env python
"""Fit a model of a device's times: tools/model_device.py --help."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import sample_under, say_next
from regnet_plugin.cli.printing import say

if TYPE_CHECKING:
    from regnet_plugin.device.measured_times import MeasuredTimes

NOTES = """The time of a step is a sum of counts of layers, each times seconds from 0 on: flops, outputs of 1x1 and of 3x3 convs, numbers
of convs, outputs in narrow groups, … The counts are chosen by cross-validation, and the error that is said is that of networks
that the fit has not seen: each one is predicted from the others. OUT gets the model, and beside it are its times (.csv) and a
picture of predicted against measured times (.png).

Networks are measured in turn, in another order in each round, and the drift of the machine is taken out. Leave it alone
meanwhile; where others use it, too, and one thread computes, --clock cpu does not count the time in which they have it."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/model_device.py --out my_laptop.json                        40 networks, one image, one thread
  tools/model_device.py --out laptop_train.json --step training --batch 32 --flops 50e6 400e6
  tools/model_device.py --out fast.json --fast-path channels_last bfloat16 --resolution 160 224 --threads 2
  tools/model_device.py --out rtx4090.json --from benchmark-infer-amp-nchw-pt291-cu128-4090.csv    a table of timm's
  tools/model_device.py --out mine.json --from work_dirs/regnetx    times of tools/measure_latency.py"""  # noqa: E501  as it is printed

SPACES = ('anynetx_a', 'anynety_a')  # groups of 1 to 32 channels, without and with SE


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Measure networks on this device, or read their times, and fit a model of it.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='devices',
    )
    parser.add_argument('--out', type=Path, required=True, metavar='FILE', help='ends in .json')
    parser.add_argument(
        '--from',
        dest='table',
        metavar='TABLE',
        help="times that are there: timm's table, one of your own (see the guide), a population",
    )
    parser.add_argument(
        '--step', choices=('inference', 'training'), default='inference', help='default: inference'
    )
    parser.add_argument('--name', help='of the device; default: made of what it is')
    parser.add_argument(
        '--space',
        nargs='+',
        metavar='CONFIG',
        help='design spaces to draw from; default: AnyNetX_A and AnyNetY_A',
    )
    parser.add_argument('--networks', type=int, default=40, help='default: 40')
    parser.add_argument(
        '--flops',
        type=float,
        nargs=2,
        default=(5e7, 1e9),
        metavar=('LOW', 'HIGH'),
        help='of an image; default: 5e7 1e9',
    )
    parser.add_argument(
        '--resolution', type=int, nargs='+', default=[224], help='sides of images; default: 224'
    )
    parser.add_argument('--batch', type=int, default=1, help='images in a step; default: 1')
    parser.add_argument('--threads', type=int, default=1, help='on a CPU; default: 1')
    parser.add_argument(
        '--fast-path',
        nargs='*',
        choices=('channels_last', 'bfloat16', 'compile'),
        default=[],
        help='what of it is on; default: nothing, float32 layer by layer',
    )
    parser.add_argument('--rounds', type=int, default=9, help='default: 9')
    parser.add_argument(
        '--clock',
        choices=('wall', 'cpu'),
        default='wall',
        help='what is measured: time that passes, or in which one thread computes; default: wall',
    )
    parser.add_argument('--seed', type=int, default=0, help='of the networks; default: 0')
    args = parser.parse_args()
    if args.out.suffix != '.json':
        parser.error(f'--out must end in .json, but it is {args.out}')
    for name, least in (('networks', 8), ('batch', 1), ('threads', 1), ('rounds', 1)):
        if getattr(args, name) < least:
            parser.error(f'--{name} must be at least {least}, but it is {getattr(args, name)}')
    if not 0 < args.flops[0] < args.flops[1]:
        parser.error(f'--flops must be an interval from low to high, but they are {args.flops}')
    return args


def times_of(args: argparse.Namespace) -> 'MeasuredTimes':
    """Read times, or measure them, and say how steady the machine was."""
    from dataclasses import replace

    if args.table and Path(args.table).is_dir():
        from regnet_plugin.population.predictions import measured_times

        times = measured_times(args.table, args.step)
    elif args.table:
        from regnet_plugin.device.time_tables import read_time_table

        times = read_time_table(args.table, args.step)
    else:
        times = measured_here(args)
    return replace(times, name=args.name) if args.name else times


def measured_here(args: argparse.Namespace) -> 'MeasuredTimes':
    from regnet_plugin.benchmarks.device_measurement import (
        Setting,
        measure_samples,
        spread_samples,
    )
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.design_spaces.configuration import design_space_of

    folder = Path(__file__).parent.parent / 'configs' / 'design_spaces'
    spaces = []
    for config in args.space or [folder / f'{name}.py' for name in SPACES]:
        with blame(config):
            spaces.append(design_space_of(config)[0])
    samples = spread_samples(spaces, args.networks, args.flops, args.resolution, args.seed)
    setting = Setting(
        step=args.step,
        batch=args.batch,
        threads=args.threads,
        fast_path=tuple(args.fast_path),
        rounds=args.rounds,
        clock=args.clock,
    )
    with progress_bar() as tell:
        times, steadiness = measure_samples(samples, setting, tell)
    say(f'{len(samples)} networks: {steadiness.text}')
    return times


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.device.fitting import fit_device_model
    from regnet_plugin.report.device_page import write_fit

    with refused(ValueError, OSError):
        times = times_of(args)
        with progress_bar() as tell:
            model, predicted = fit_device_model(times, tell)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        model.write(args.out)
        paths = write_fit(times, predicted, args.out)
    flops, groups = model.ranges['flops'], model.ranges['group_width']
    say(f'{model.name}: {model.error}')
    say(f'time of {", ".join(model.seconds)}')
    say(
        f'measured: {flops[0]:,.0f} to {flops[1]:,.0f} flops, groups from {groups[0]:.0f} '
        'channels; beyond that it is a guess'
    )
    say('\n'.join(map(str, [args.out, *paths])))
    if model.why_not:
        say(f'not good enough to constrain with: {model.why_not}')
    else:
        say_next(sample_under(args.out))


if __name__ == '__main__':
    exit_on_user_error(main)
