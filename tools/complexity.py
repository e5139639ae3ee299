#!/usr/bin/env python
"""Flops, parameters and activations of networks: tools/complexity.py --help."""

from regnet_plugin.benchmarks.complexity_table import complexity_table
from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error, refused
from regnet_plugin.cli.printing import say
from regnet_plugin.device.packaged import device_model

EXAMPLES = """\
  tools/complexity.py regnetx_3.2gf regnety_3.2gf
  tools/complexity.py depth=24,w_0=32,w_a=8,w_m=2,group_width=16 --resolution 32 --num-classes 10
  tools/complexity.py configs/regnetx_6.5mf_digits.py --resolution 32
  tools/complexity.py regnetx_400mf --device i7-12700h    and the time on a device
  tools/complexity.py configs/detection/faster-rcnn_regnetx_400mf_fpn_ms-3x_coco.py --device v100 --resolution 800 1344
  tools/complexity.py configs/comparisons/*.py            the networks of the paper's tables 2 to 4"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Print what networks cost, for one image, and their stage widths. One flop is '
        'one multiply-add; activations are the outputs of conv layers.',
        examples=EXAMPLES,
        guide='model_zoo',
    )
    parser.add_argument(
        'networks',
        nargs='+',
        metavar='NETWORK',
        help='a published name, the path of a config, or parameters',
    )
    parser.add_argument(
        '--resolution',
        nargs='+',
        type=int,
        metavar='SIDE',
        help="side of the image, or height and width; default: that of a config's test images, "
        'else 224',
    )
    parser.add_argument(
        '--num-classes', type=int, help="default: the classifier's, else 1000; a detector has none"
    )
    parser.add_argument(
        '--device',
        help='say the time of a step on it, as predicted: a device model of '
        'tools/model_device.py, or one that comes with the package, such as i7-12700h',
    )
    args = parser.parse_args()
    with refused(ValueError, OSError):
        device = device_model(args.device) if args.device else None
    resolution = args.resolution
    if resolution is not None:
        resolution = resolution[0] if len(resolution) == 1 else tuple(resolution)
    say(complexity_table(args.networks, resolution, args.num_classes, device))


if __name__ == '__main__':
    exit_on_user_error(main)
