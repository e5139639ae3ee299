#!/usr/bin/env python
"""Write a trained classifier in whole numbers of 8 bits: tools/quantize.py --help."""

from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.printing import say

NOTES = """Weights and maps become int8, in ranges that images of the config's own training show (post-training quantization of
onnxruntime). Both files, of float32 and of int8, are tested as the config says, and both accuracies are printed."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/quantize.py configs/regnetx_6.5mf_digits.py work_dirs/regnetx_6.5mf_digits/epoch_15.pth --out digits_int8.onnx
  tools/quantize.py configs/regnetx_6.5mf_digits.py mine.pth --out int8.onnx --images 2048    ranges that are surer"""  # noqa: E501


def main() -> None:
    parser = Parser(
        description='Write a trained classifier of a config as an ONNX file of int8, and say what '
        'that costs in accuracy.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='deployment',
    )
    parser.add_argument('config', help="a classifier's, whose data is here")
    parser.add_argument('checkpoint', help='file or address of its weights')
    parser.add_argument('--out', type=Path, required=True, metavar='FILE', help='.onnx')
    parser.add_argument(
        '--images', type=int, default=512, help='of the training that show ranges; default: 512'
    )
    args = parser.parse_args()
    if args.images < 1:
        parser.error(f'--images must be at least 1, but it is {args.images}')
    # after --help: imports torch
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.export.quantization import quantize

    with progress_bar() as tell:
        made = quantize(args.config, args.checkpoint, args.out, args.images, tell)
    for name, value in made.before.items():
        say(f'{name}: {value:.2f} of float32, {made.after[name]:.2f} of int8')
    say(f'bytes: {made.bytes_before:,} of float32, {made.bytes_after:,} of int8')
    say(f'ranges: from {made.images} images of the training')
    say(f'written: {args.out}')


if __name__ == '__main__':
    exit_on_user_error(main)
