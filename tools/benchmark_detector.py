#!/usr/bin/env python
"""Time Faster R-CNN with our RegNetX and mmdet's: tools/benchmark_detector.py --help."""

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.device.packaged import device_model

NOTES = """columns:
  median, spread   of a step; the spread is half the distance between the quartiles
  ratio            of time to ours in the same round, median over the rounds: above 1 where we are faster
  peak, ratio      memory at the worst moment of a step, and to ours: above 1 where we need less
  'ours again' is the noise of both."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/benchmark_detector.py regnetx_400mf regnetx_3.2gf
  tools/benchmark_detector.py regnetx_400mf regnety_400mf --device my_laptop.json --size 800 1344 --clock cpu
  tools/benchmark_detector.py regnetx_3.2gf --batch 2 --size 800 1344    as mmdet trains on COCO"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description="Time a step of mmdet's published Faster R-CNN with mmdet's own RegNet and "
        'with ours, in turn, with the same weights.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='detection',
    )
    parser.add_argument(
        'networks',
        nargs='+',
        metavar='NETWORK',
        help='published RegNetX that mmdet has; with --device any RegNet',
    )
    parser.add_argument(
        '--step',
        nargs='+',
        choices=['inference', 'training'],
        default=['inference', 'training'],
        help='default: both',
    )
    parser.add_argument('--batch', type=int, default=2, help='images per step; default: 2')
    parser.add_argument(
        '--size',
        nargs=2,
        type=int,
        default=[320, 320],
        metavar=('HEIGHT', 'WIDTH'),
        help='of the images; default: 320 320',
    )
    parser.add_argument(
        '--rounds', type=int, default=15, help='steps of each contestant; default: 15'
    )
    parser.add_argument(
        '--device',
        help='time the backbones within the detector instead, in inference, beside what this '
        'device model predicts: a file of tools/model_device.py, or one of those that come with '
        'the package',
    )
    parser.add_argument(
        '--clock',
        choices=['wall', 'cpu'],
        default='wall',
        help='with --device: time that passes, or in which the process computes; default: wall',
    )
    args = parser.parse_args()
    for name in ('batch', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    if min(args.size) < 32:
        parser.error(f'--size must be at least 32, but it is {args.size}')
    if args.device:
        with refused(ValueError, OSError):
            device = device_model(args.device)
        from regnet_plugin.benchmarks.detector_backbone import print_backbone_times

        shape = tuple(args.size)
        with refused(ValueError):
            print_backbone_times(
                args.networks, device, shape=shape, rounds=args.rounds, cpu=args.clock == 'cpu'
            )
        return
    with blame('mmdet'):  # which is perhaps not there
        # after --help: imports torch
        from regnet_plugin.benchmarks.detector_comparison import print_detector_comparison

    print_detector_comparison(args.networks, args.step, args.batch, tuple(args.size), args.rounds)


if __name__ == '__main__':
    exit_on_user_error(main)
