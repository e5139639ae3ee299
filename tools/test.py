#!/usr/bin/env python
"""Evaluate a checkpoint with an mmpretrain or mmdet config: tools/test.py --help."""
from regnet_plugin.engine.arguments import parse_test_arguments
from regnet_plugin.engine.errors import exit_on_user_error, say


def main():
    args = parse_test_arguments()
    from regnet_plugin.engine.configuration import testing_config  # after --help: imports torch
    from regnet_plugin.engine.trainer import metrics_text, test

    metrics = test(testing_config(args), name=args.config, out=args.out, out_item=args.out_item or 'pred',
                   fuse_conv_bn=args.fuse_conv_bn)
    if metrics:
        say(metrics_text(metrics))


if __name__ == '__main__':
    exit_on_user_error(main)
