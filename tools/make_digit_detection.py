#!/usr/bin/env python
"""Make the embedded detection set: tools/make_digit_detection.py --help."""

import argparse

from regnet_plugin.cli.arguments import Parser, folder
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.next_steps import say_next, train_detector
from regnet_plugin.cli.printing import say

DEFAULT = 'data/digit_detection'  # where the configs of detectors look for it
NOTES = """A training on the default set makes it where it is missing: nobody has to. Nothing is downloaded: the digits and the
photographs come inside scikit-learn (pip install scikit-learn).

In the folder: train/*.jpg (400 images, 160x160, 3 to 6 digits each), val/*.jpg (100), and in COCO's format
annotations/instances_{train,val}.json, with boxes and masks of the ink, category N for digit N. The splits share
neither digits nor regions of a photograph. The same seed gives the same set. The folder appears all at once when
everything is written, after a few seconds; after an interruption the same command begins anew."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/make_digit_detection.py    the set that configs/detection/*_digits.py train on
  tools/make_digit_detection.py --seed 1 --out data/digit_detection_1"""


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description="Write a small detection set in COCO's format: real handwritten digits on real "
        'photographs.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='detection',
    )
    parser.add_argument(
        '--out',
        type=folder,
        default=DEFAULT,
        metavar='FOLDER',
        help='default: %(default)s',
    )
    parser.add_argument('--seed', type=int, default=0, help='of all that is random; default: 0')
    args = parser.parse_args()
    if args.seed < 0:
        parser.error(f'--seed must be at least 0, but it is {args.seed}')
    return args


def main() -> None:
    args = parse_arguments()
    # after --help: imports torch
    from regnet_plugin.datasets.digit_detection import make_digit_detection

    with refused(ValueError, OSError, ImportError):
        made = make_digit_detection(args.out, seed=args.seed)
    say(f'wrote {args.out}' if made else f'{args.out} is there already, with seed {args.seed}')
    if args.out == DEFAULT:
        say_next(train_detector())


if __name__ == '__main__':
    exit_on_user_error(main, interrupted='interrupted: the same command begins anew')
