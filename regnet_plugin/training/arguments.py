"""Command-line flags of tools/train.py and tools/test.py: the union of mmpretrain's and mmdet's."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import blame
from regnet_plugin.training.config.log_backends import BACKENDS
from regnet_plugin.training.config.options import Options

# What --out-item can be: its name in messages, and the formats that it is written in.
_OUTPUTS = {
    'pred': ('predictions', ('.pkl', '.pickle')),
    'metrics': ('metrics', ('.json', '.yaml', '.yml', '.pkl')),
}

_OF_TRAINING = """\
  tools/train.py configs/regnetx_6.5mf_digits.py             half a minute, no data to download
  tools/train.py configs/regnetx_6.5mf_digits.py --resume    go on after an interruption
  tools/train.py CONFIG --cfg-options train_cfg.max_epochs=5 randomness.seed=1
  tools/train.py CONFIG --log-to tensorboard                 curves in the browser: tensorboard --logdir work_dirs
  tools/train.py CONFIG --cfg-options log_level=DEBUG        show the traceback of an error"""  # noqa: E501  as it is printed
_OF_TESTING = """\
  tools/test.py configs/regnetx_6.5mf_digits.py work_dirs/regnetx_6.5mf_digits/epoch_15.pth
  tools/test.py configs/regnetx_6.5mf_digits.py work_dirs/regnetx_6.5mf_digits/epoch_15.pth --out results.pkl
  tools/test.py CONFIG CHECKPOINT --out results.json --out-item metrics
  tools/test.py CONFIG CHECKPOINT --tta                      average over mirror images, or over sizes
  tools/test.py configs/regnetx_3.2gf_imagenet.py CHECKPOINT --cfg-options test_dataloader.dataset.data_root=FOLDER \\
    test_dataloader.dataset.type=regnet_plugin.ImageNetV2    on ImageNetV2: the folders 0 to 999"""  # noqa: E501  as it is printed


def _add_shared(parser: Parser) -> None:
    """Add the options that training and testing share."""
    parser.add_argument(
        '--work-dir',
        help="folder for logs, checkpoints and results; default: the config's, else "
        'work_dirs/<name of the config>',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision (needs a GPU)')
    parser.add_argument(
        '--no-pin-memory', action='store_true', help='do not pin the memory of loaded batches'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        metavar='KEY=VALUE',
        help='change settings of the config, such as optim_wrapper.optimizer.lr=0.1 or key="[a,b]"',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='who starts the processes of a distributed run; default: none',
    )
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, default=0, help='set by torch.distributed.launch'
    )


def _parse(parser: Parser, argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line; torch.distributed.launch gives the local rank by it."""
    with blame('--cfg-options'):  # `Options` raises ValueError
        args = parser.parse_args(argv)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def parse_train_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line of tools/train.py.

    Args:
        argv: words of the command line. Default: None, those of this process.

    Raises:
        UserError: if a setting of --cfg-options is none.
    """
    parser = Parser(
        description='Train the network of a config of mmpretrain, mmdet or another library of '
        'OpenMMLab.',
        examples=_OF_TRAINING,
        guide='own_data',
    )
    parser.add_argument('config', help='path of the config')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from this checkpoint, or from the newest whole one in the work dir',
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='do not evaluate during training'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help="scale the learning rate from auto_scale_lr.base_batch_size to the run's batch",
    )
    parser.add_argument(
        '--log-to',
        nargs='+',
        choices=sorted(BACKENDS),
        metavar='SERVICE',
        help=f'show the curves there, too, while it trains: {", ".join(sorted(BACKENDS))}',
    )
    parser.add_argument(
        '--no-persistent-workers',
        action='store_true',
        help='restart the loader workers every epoch',
    )
    _add_shared(parser)
    return _parse(parser, argv)


def parse_test_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line of tools/test.py.

    Args:
        argv: words of the command line. Default: None, those of this process.

    Raises:
        UserError: if a setting of --cfg-options is none.
    """
    parser = Parser(
        description='Evaluate a checkpoint with a config of mmpretrain, mmdet or another library '
        'of OpenMMLab.',
        examples=_OF_TESTING,
        guide='weights',
    )
    parser.add_argument('config', help='path of the config')
    parser.add_argument('checkpoint', help='file or address of the weights')
    parser.add_argument(
        '--out', metavar='FILE', help='write predictions (.pkl) or metrics to this file'
    )
    parser.add_argument(
        '--out-item', choices=['metrics', 'pred'], help='what --out writes; default: pred'
    )
    parser.add_argument(
        '--tta',
        action='store_true',
        help="test-time augmentation: the config's, else mirror images, "
        'or three sizes where the training has no mirror images',
    )
    parser.add_argument(
        '--fuse-conv-bn',
        action='store_true',
        help='fold batch normalizations into the convolutions before them: same outputs, less time',
    )
    parser.add_argument('--show', action='store_true', help='show predictions in a window')
    parser.add_argument('--show-dir', metavar='FOLDER', help='save painted predictions here')
    parser.add_argument(
        '--interval',
        type=int,
        default=1,
        help='paint one of this many images (not in mmdet); default: 1',
    )
    parser.add_argument(
        '--wait-time', type=float, default=2, help='seconds that --show shows an image; default: 2'
    )
    _add_shared(parser)
    args = _parse(parser, argv)
    _check_output(parser, args)
    return args


def _check_output(parser: Parser, args: argparse.Namespace) -> None:
    """End the program in one line where what is asked of the output cannot be."""
    if args.out_item and not args.out:
        parser.error('--out-item says what --out writes, but --out is missing')
    kind, formats = _OUTPUTS[args.out_item or 'pred']
    if args.out and Path(args.out).suffix not in formats:
        parser.error(f'{kind} are written as {" or ".join(formats)}, but --out is {args.out}')
    for path in (args.out, args.show_dir):
        if path and not Path(path).absolute().parent.is_dir():
            parser.error(
                f'results are written into a folder that exists, but {Path(path).parent} does not'
            )
    if args.interval < 1:
        parser.error(f'--interval must be at least 1, but it is {args.interval}')
