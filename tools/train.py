#!/usr/bin/env python
"""Train the network of an mmpretrain or mmdet config: tools/train.py --help."""

from pathlib import Path

from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.next_steps import export_it, say_next
from regnet_plugin.cli.printing import say
from regnet_plugin.training.arguments import parse_train_arguments


def main() -> None:
    args = parse_train_arguments()
    from regnet_plugin.training.outcome.summary import summarize
    from regnet_plugin.training.trainer import train
    from regnet_plugin.training.training_config import (
        training_config,  # after --help: imports torch
    )

    runner = train(training_config(args), name=args.config)
    if runner.rank == 0:
        summary = summarize(runner)
        say(summary)
        checkpoint = summary.files.get('best checkpoint') or summary.files.get('checkpoint')
        if checkpoint:
            # the complete config that MMEngine has written, with the options of this training
            say_next(export_it(Path(runner.work_dir, Path(args.config).name), checkpoint))


if __name__ == '__main__':
    exit_on_user_error(main)
