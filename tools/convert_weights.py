#!/usr/bin/env python
"""Give a checkpoint the names of another library: tools/convert_weights.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.errors import Parser, exit_on_user_error, refused, say
from regnet_plugin.weights.conversion import check_complete, convert, library_of
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS
from regnet_plugin.weights.name_advice import advice_on_names

_EPILOG = """examples:
  convert_weights.py RegNetY-3.2GF_dds_8gpu.pyth regnety_3.2gf.pth                  # of pycls, for our configs
  convert_weights.py work_dirs/regnetx_400mf/epoch_100.pth net.pth --from ours --to timm
  convert_weights.py timm://regnety_032.ra_in1k regnety_032.pyth --to pycls

Addresses are read as in a config (pycls://, timm://, tv://, detectron2://, open-mmlab://, https://). Networks of pycls,
detectron2 and OpenMMLab take images with blue first, those of ours, timm and torchvision with red first: the stem is
turned where that differs. OpenMMLab's names are ours, so that --from must say whose weights those are. Sampled networks of
blocks X, Y and R are understood by pycls, timm and torchvision; none of them has blocks V and VR, which are refused."""


def parse_arguments():
    parser = Parser(
        description="Convert a RegNet's or AnyNet's weights between libraries.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_EPILOG,
    )
    parser.add_argument('checkpoint', help='file or address')
    parser.add_argument(
        'out', type=Path, help='file that is written; .safetensors or a file of PyTorch'
    )
    parser.add_argument(
        '--from', dest='source', choices=LIBRARY_LAYOUTS, help='default: found out by the names'
    )
    parser.add_argument(
        '--to',
        default='ours',
        choices=[name for name in LIBRARY_LAYOUTS if name != 'detectron2'],
        help='default: ours',
    )
    args = parser.parse_args()
    if args.out.suffix == '.pkl':
        parser.error(
            'a .pkl is a file of detectron2, which is only read, but the file to write is '
            f'{args.out}'
        )
    return args


def source_of(checkpoint, weights, given):
    """Whose names these are."""
    from regnet_plugin.weights.published_files import SCHEMES

    scheme = checkpoint.partition('://')[0]
    known = (
        'ours'
        if scheme in SCHEMES
        else 'openmmlab'
        if scheme == 'open-mmlab'
        else library_of(weights)
    )
    if given is None and known == 'openmmlab' and scheme != 'open-mmlab':
        raise ValueError(
            f'{checkpoint}: names of OpenMMLab are ours, too: --from openmmlab, trained with blue '
            'first, or '
            '--from ours'
        )
    if given is None and known is None:
        raise ValueError(
            f'{checkpoint}: names must be those of a RegNet of {", ".join(LIBRARY_LAYOUTS)}, but the first '
            'is '
            f'{next(iter(weights))}{advice_on_names(weights)}'
        )
    return given or known


def main():
    args = parse_arguments()
    from regnet_plugin.weights.addresses import read_checkpoint
    from regnet_plugin.weights.files import write_weights

    with refused(ValueError, OSError):
        weights = read_checkpoint(args.checkpoint)
        source = source_of(args.checkpoint, weights, args.source)
        converted = convert(weights, source, args.to)
        check_complete(converted, args.to)
        write_weights(args.out, converted, args.to)
    others = len(weights) - len(converted)
    say(
        f'{args.out}: {len(converted)} tensors of {source} with the names of {args.to}'
        + (f'; {others} of a neck or heads are left out' if others else '')
    )


if __name__ == '__main__':
    exit_on_user_error(main)
