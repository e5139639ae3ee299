#!/usr/bin/env python
"""Evaluate a checkpoint with an mmpretrain or mmdet config: tools/test.py --help."""

from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.printing import say
from regnet_plugin.training.arguments import parse_test_arguments


def main() -> None:
    args = parse_test_arguments()
    from regnet_plugin.training.testing.tester import metrics_text, test
    from regnet_plugin.training.testing.testing_config import (
        testing_config,  # after --help: imports torch
    )

    metrics = test(
        testing_config(args),
        name=args.config,
        out=args.out,
        out_item=args.out_item or 'pred',
        fuse_conv_bn=args.fuse_conv_bn,
    )
    if metrics:
        say(metrics_text(metrics))


if __name__ == '__main__':
    exit_on_user_error(main)
