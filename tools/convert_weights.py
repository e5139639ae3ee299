#!/usr/bin/env python
"""Give a checkpoint the names of another library: tools/convert_weights.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import evaluate, say_next
from regnet_plugin.cli.printing import say
from regnet_plugin.weights.library_layouts import LIBRARY_LAYOUTS, TARGETS

NOTES = """Addresses are read as in a config (pycls://, timm://, tv://, transformers://, vissl://, open-mmlab://, https://, …). Networks of pycls,
detectron2 and OpenMMLab take images with blue first, those of ours, timm and torchvision with red first: the stem is
turned where that differs. OpenMMLab's names are ours, so that --from must say whose weights those are. Sampled networks of
blocks X, Y and R are understood by pycls, timm and torchvision; none of them has blocks V and VR, which are refused."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/convert_weights.py RegNetY-3.2GF_dds_8gpu.pyth regnety_3.2gf.pth    of pycls, for our configs
  tools/convert_weights.py work_dirs/regnetx_400mf/epoch_100.pth net.pth --from ours --to timm
  tools/convert_weights.py timm://regnety_032.ra_in1k regnety_032.pyth --to pycls"""  # noqa: E501  as it is printed


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description="Convert a RegNet's or AnyNet's weights between libraries.",
        notes=NOTES,
        examples=EXAMPLES,
        guide='weights',
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
        choices=TARGETS,
        help='default: ours',
    )
    parser.add_argument(
        '--ema',
        action=argparse.BooleanOptionalAction,
        help='averages of the weights or the weights themselves, where the file has both; default: '
        'as the library does, averages of timm and torchvision',
    )
    args = parser.parse_args()
    if args.out.suffix == '.pkl':
        parser.error(
            'a .pkl is a file of detectron2, which is only read, but the file to write is '
            f'{args.out}'
        )
    return args


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.weights.file_conversion import convert_file  # after --help: imports torch

    with refused(ValueError, OSError):
        done = convert_file(args.checkpoint, args.out, args.source, args.to, args.ema)
    others = f'; {done.left_out} of a neck or heads are left out' if done.left_out else ''
    say(f'{args.out}: {done.tensors} tensors of {done.source} with the names of {args.to}{others}')
    if args.to == 'ours':
        say_next(evaluate(args.out))


if __name__ == '__main__':
    exit_on_user_error(main)
