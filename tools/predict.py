#!/usr/bin/env python
"""Say what is on photographs, with a trained network: tools/predict.py --help."""

import argparse
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame, exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.training.config.options import Options

NOTES = """A line per image: its three most likely classes with their scores; or a line per object: class, score, and the left, top,
right and bottom edge of its box in pixels."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/predict.py own_photos.py work_dirs/own_photos/epoch_20.pth photo.jpg
  tools/predict.py own_photos.py work_dirs/own_photos/epoch_20.pth photos/ --show-dir shown
  tools/predict.py configs/regnety_3.2gf_imagenet.py pycls://RegNetY-3.2GF photo.jpg
  tools/predict.py DETECTOR_CONFIG CHECKPOINT photo1.jpg photo2.jpg --threshold 0.5"""


def parse_arguments() -> argparse.Namespace:
    parser = Parser(
        description='Classify photographs, or detect what is on them.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='own_data',
    )
    parser.add_argument('config', help='path of the config that the network was trained with')
    parser.add_argument('checkpoint', help='file or address of its weights')
    parser.add_argument(
        'images', nargs='+', help='paths of images, or of folders with images in them and below'
    )
    parser.add_argument(
        '--show-dir',
        metavar='FOLDER',
        help='paint the predictions onto the images, and save them here',
    )
    parser.add_argument(
        '--threshold',
        type=float,
        default=0.3,
        help='lowest score of a box that is told; default: 0.3',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the config',
    )
    with blame('--cfg-options'):
        return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    from regnet_plugin.training.configuration import read_config  # after --help: imports torch
    from regnet_plugin.training.testing.image_files import images_in
    from regnet_plugin.training.testing.prediction import Predictor, lines_of

    with refused(ValueError):
        images = list(images_in(args.images))
    config = read_config(args.config, args.cfg_options)
    with blame(args.config):
        predictor = Predictor(config, args.checkpoint, args.threshold)
    for number, (path, name) in enumerate(images):
        sample = predictor(path)
        for line in lines_of(path, predictor.found(sample), args.threshold):
            say(line)
        if args.show_dir:
            predictor.paint(
                path, sample, Path(args.show_dir, f'{number:04}_{"_".join(name.parts)}.png')
            )


if __name__ == '__main__':
    exit_on_user_error(main)
