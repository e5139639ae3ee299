#!/usr/bin/env python
"""Measure what can only be seen on a GPU: tools/check_gpu.py --help."""

import argparse
import os
import sys
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import UserError, blame, exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.cli.wording import GOES_ON

NOTES = """The parts, each with seconds that it may take: the tests that need a GPU (tests/gpu, in a clone); steps of RegNetX-3.2GF,
Y-4.0GF and Y-16GF beside timm and torchvision, eager, with the channels innermost, in bfloat16 and on the fast path, and
their memory; small networks of the digits' space in both memory formats; a population of 16 of them, one and eight at a
time; Faster R-CNN beside mmdet's own RegNet; images/s of the training loader. Nothing is downloaded. One start ends after
ten minutes at most. The file is whole after each part, and the same command goes on after a kill: what was measured is not
measured again, what failed or was out of time is. What libraries say meanwhile is in the .log beside it. The first GPU is
taken; leave it alone meanwhile.

Exit code: 0 if all parts are measured; 1 if some are not, which the page says; 2 if it cannot begin, as where there is no
GPU; 130 after Ctrl-C."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/check_gpu.py                        all parts that are left, into work_dirs/gpu/check_gpu.json and .md
  tools/check_gpu.py --out docs/reference/gpu.json    into docs/reference/, whose gpu.md is the page
  tools/check_gpu.py --page                 the page again, of what was measured; nothing is measured
  tools/check_gpu.py --device cpu           everything in miniature on the CPU: does the command run?"""  # noqa: E501  as it is printed

TREE = Path(__file__).resolve().parent.parent


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Measure what can only be seen on a GPU, part by part, in ten minutes at most.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='gpu',
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('work_dirs/gpu/check_gpu.json'),
        metavar='FILE',
        help='the JSON; the page and the log beside it end with .md and .log; default: '
        'work_dirs/gpu/check_gpu.json',
    )
    parser.add_argument(
        '--device',
        choices=['cuda', 'cpu'],
        default='cuda',
        help='cpu: in miniature, which proves nothing about a GPU; default: cuda',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='measure everything again, also where the file is of another machine',
    )
    parser.add_argument(
        '--page', action='store_true', help='only write the page of what was measured'
    )
    args = parser.parse_args()
    if args.out.suffix != '.json':
        parser.error(f'--out must end with .json, but it is {args.out}')
    if args.page and args.overwrite:
        parser.error('--page measures nothing and --overwrite measures again: only one is possible')
    return args


def main() -> None:
    args = parse_arguments()
    if args.device == 'cpu':
        os.environ['CUDA_VISIBLE_DEVICES'] = ''  # for all processes, and before torch looks
    from regnet_plugin.benchmarks.device import torch_device

    if not args.page and torch_device() != args.device:
        raise UserError(
            'the check needs a GPU that PyTorch sees, but it sees none; --device cpu tries the '
            'command in miniature, which proves nothing about a GPU'
        )
    with blame('check_gpu.py'):  # a library that it compares with is perhaps not there
        from regnet_plugin.benchmarks.gpu_check.checking import check_here, is_complete
        from regnet_plugin.benchmarks.gpu_check.page import gpu_page
        from regnet_plugin.benchmarks.gpu_check.parts import kinds_of_rows
        from regnet_plugin.benchmarks.gpu_check.record import read_check
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.files import replace

    with refused(ValueError), progress_bar() as progress:
        if args.page:
            check = read_check(args.out, kinds_of_rows(TREE))
        else:
            check = check_here(args.out, TREE, afresh=args.overwrite, progress=progress, say=say)
    if check is None:
        raise UserError(f'--page is of what was measured, but there is no {args.out}')
    page = args.out.with_suffix('.md')
    replace(page, gpu_page(check, TREE))
    say(f'wrote {page}')
    if not is_complete(check, TREE):
        say('some parts are not measured, which the page says; the same command tries them again')
        sys.exit(1)


if __name__ == '__main__':
    exit_on_user_error(main, GOES_ON)
