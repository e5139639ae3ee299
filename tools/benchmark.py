#!/usr/bin/env python
"""Time RegNets beside other libraries' and a data loader: tools/benchmark.py --help."""

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error

NOTES = """columns:
  median, spread   of a step; the spread is half the distance between the quartiles
  ratio            the library's time by ours on the same path and in the same round, median over the rounds: above 1 where
                   we are faster; 'ours again' is the noise. A library that has not this network is left out
  100 epochs       of ImageNet (1,281,167 images) on this one device; the paper's hours are for 8 GPUs
  peak             memory at the worst moment of a step: weights, gradients, momentum, feature maps; without the batch"""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/benchmark.py regnetx_400mf regnety_1.6gf --rounds 30
  tools/benchmark.py regnetx_3.2gf --path eager channels_last+bfloat16+compile    the fast path of configs
  tools/benchmark.py regnetx_400mf --path all --step inference
  tools/benchmark.py --loader configs/regnetx_400mf_imagenet.py --workers 0 2 8 --decoder cv2 pillow"""  # noqa: E501  as it is printed


LIBRARIES = ('timm', 'torchvision', 'mmpretrain')


def main() -> None:
    parser = Parser(
        description='Time a step of a network in several libraries and on several paths, '
        "alternating, with the same weights; and beside it what a config's data loader delivers.",
        notes=NOTES,
        examples=EXAMPLES,
        guide='gpu',
    )
    parser.add_argument('networks', nargs='*', metavar='NETWORK', help='published names')
    parser.add_argument(
        '--path',
        nargs='+',
        default=['eager'],
        metavar='PATH',
        help="'eager', parts of the fast path (channels_last, bfloat16, compile) joined by +, or "
        "'all'; default: eager",
    )
    parser.add_argument(
        '--step',
        nargs='+',
        choices=['inference', 'training'],
        default=['inference', 'training'],
        help='default: both',
    )
    parser.add_argument(
        '--library',
        nargs='*',
        choices=LIBRARIES,
        default=LIBRARIES,
        help='beside ours; default: all',
    )
    parser.add_argument(
        '--batch',
        type=int,
        default=64,
        help="images per step; default: 64, as in the paper's tables",
    )
    parser.add_argument('--resolution', type=int, default=224, help='default: 224')
    parser.add_argument(
        '--rounds', type=int, default=15, help='steps of each contestant; default: 15'
    )
    parser.add_argument(
        '--loader', metavar='CONFIG', help='also measure the training loader of this config'
    )
    parser.add_argument(
        '--workers', nargs='+', type=int, default=[0, 2], help='loader processes; default: 0 2'
    )
    parser.add_argument(
        '--decoder', nargs='+', choices=['cv2', 'pillow'], default=['cv2'], help='default: cv2'
    )
    args = parser.parse_args()
    if not args.networks and not args.loader:
        parser.error('name at least one network, or a config with --loader')
    for name in ('batch', 'resolution', 'rounds'):
        if getattr(args, name) < 1:
            parser.error(f'--{name} must be at least 1, but it is {getattr(args, name)}')
    if min(args.workers) < 0:
        parser.error(f'--workers must not be negative, but they are {args.workers}')
    # after --help: imports torch
    from regnet_plugin.benchmarks.library_comparison import PATHS, print_library_comparison
    from regnet_plugin.benchmarks.loader_rates import print_loader_rates
    from regnet_plugin.training.running.running_errors import running_errors_told

    paths = PATHS if args.path == ['all'] else args.path
    unknown = sorted(set(paths) - set(PATHS))
    if unknown:
        parser.error(f'--path must be of {", ".join(PATHS)}, but it is {unknown[0]}')
    if args.networks:
        with running_errors_told('--batch'):
            print_library_comparison(
                args.networks,
                paths,
                args.step,
                args.library,
                args.batch,
                args.resolution,
                args.rounds,
            )
    if args.loader:
        print_loader_rates(args.loader, args.workers, args.decoder)


if __name__ == '__main__':
    exit_on_user_error(main)
