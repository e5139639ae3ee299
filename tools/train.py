#!/usr/bin/env python
"""Train the network of an mmpretrain or mmdet config: tools/train.py --help."""
from regnet_plugin.engine.arguments import parse_train_arguments
from regnet_plugin.engine.errors import exit_on_user_error, say


def main():
    args = parse_train_arguments()
    from regnet_plugin.engine.configuration import training_config  # after --help: imports torch
    from regnet_plugin.engine.trainer import summarize, train

    runner = train(training_config(args), name=args.config)
    if runner.rank == 0:
        say(summarize(runner))


if __name__ == '__main__':
    exit_on_user_error(main)
