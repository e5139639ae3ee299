"""Training and testing one network: a config and flags in, MMEngine's Runner, a summary out."""
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Optional, Tuple

import mmengine
import torch
from mmengine.config import Config, ConfigDict
from mmengine.evaluator import DumpResults
from mmengine.hooks import Hook
from mmengine.registry import RUNNERS
from mmengine.runner import CheckpointLoader, Runner

from regnet_plugin.engine.checkpoints import newest_checkpoint
from regnet_plugin.engine.errors import UserError, blame
from regnet_plugin.engine.history import read_history


@dataclass(frozen=True)
class Summary:
    """What a training left behind.

    Attributes:
        metric (str | None): name of the metric that decides, as in the log; None if nothing was evaluated.
        last, best (tuple[float, int]): value and step (epoch, or iteration) of the last and the best evaluation.
        files (dict[str, Path]): 'log', 'checkpoint' and, where there are, 'best checkpoint' and 'curves'.
    """

    metric: Optional[str] = None
    last: Tuple[float, int] = (float('nan'), 0)
    best: Tuple[float, int] = (float('nan'), 0)
    files: Dict[str, Path] = field(default_factory=dict)

    def __str__(self):
        lines = []
        if self.metric:
            lines += [f'{self.metric}: {self.last[0]:.4g} at the end (step {self.last[1]}), '
                      f'best {self.best[0]:.4g} (step {self.best[1]})']
        return '\n'.join(lines + [f'{label + ":":<17}{path}' for label, path in self.files.items()])


def _load_config(args):
    with blame(args.config):
        config = Config.fromfile(args.config)
    with blame('--cfg-options'):
        config.merge_from_dict(args.cfg_options or {})
    config.launcher = args.launcher
    config.work_dir = args.work_dir or config.get('work_dir') or f'work_dirs/{Path(args.config).stem}'
    if args.amp and not torch.cuda.is_available():
        raise UserError('--amp needs a GPU, and PyTorch sees none')
    return config


def _set_loaders(config, args, names, **defaults):
    """mmpretrain's defaults of the loaders; without workers there are none to keep."""
    if config.get('default_scope') == 'mmpretrain':
        defaults.update(pin_memory=torch.cuda.is_available(), collate_fn=dict(type='default_collate'))
    else:
        defaults = {}
    for name in names:
        if config.get(name) is None:
            continue
        loader = ConfigDict(defaults, **config[name])
        if args.no_pin_memory:
            loader.pin_memory = False
        if getattr(args, 'no_persistent_workers', False) or not loader.get('num_workers'):
            loader.persistent_workers = False
        config[name] = loader


def training_config(args):
    """Read the config and apply the flags of tools/train.py.

    Args:
        args (argparse.Namespace): from `regnet_plugin.engine.arguments.parse_train_arguments`.

    Returns:
        mmengine.Config: ready for `train`.

    Raises:
        UserError: if the config cannot be read, or a flag does not fit it.
    """
    config = _load_config(args)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.amp:
        config.optim_wrapper.type = 'AmpOptimWrapper'
        config.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        if 'base_batch_size' not in config.get('auto_scale_lr', {}):
            raise UserError(f'--auto-scale-lr needs auto_scale_lr.base_batch_size, which {args.config} does not give')
        config.auto_scale_lr.enable = True
    _set_loaders(config, args, ('train_dataloader', 'val_dataloader', 'test_dataloader'), persistent_workers=True)
    if args.resume:
        _resume(config, args.resume)
    return config


def _resume(config, checkpoint):
    """Go on from a checkpoint with its seed, which decides the order of the data before MMEngine restores it."""
    path = newest_checkpoint(config.work_dir) if checkpoint == 'auto' else Path(checkpoint)
    if path is None:
        print(f'{config.work_dir} has no checkpoint yet: starting from the beginning')
        return
    if not path.is_file():
        raise UserError(f'--resume needs a checkpoint, but there is no file {path}')
    config.resume, config.load_from = True, str(path)
    with blame(f'--resume {path}'):
        seed = CheckpointLoader.load_checkpoint(str(path), map_location='cpu')['meta'].get('seed')
    randomness = config.setdefault('randomness', ConfigDict())
    if randomness.get('seed') is None and seed is not None:
        randomness.seed = seed


def _build_runner(config):
    return Runner.from_cfg(config) if 'runner_type' not in config else RUNNERS.build(config)


class _StartHook(Hook):
    """Knows whether the work has begun."""

    started = False

    def before_run(self, runner):
        self.started = True


def _blame_until_start(name, runner):
    """Blame the config for errors of what MMEngine builds first: loops, datasets, optimizer, schedules."""
    hook = _StartHook()
    runner.register_hook(hook)
    return blame(name, unless=lambda: hook.started)


def train(config, name='the config'):
    """Train as the config says.

    Args:
        config (mmengine.Config): from `training_config`.
        name (str): what an error message calls the config.

    Returns:
        Summary: results and where the files are; the curves have been drawn.

    Raises:
        UserError: if something that the config names cannot be built.
    """
    with blame(name):
        runner = _build_runner(config)
    with _blame_until_start(name, runner):
        runner.train()
    return summarize(runner)


def summarize(runner):
    """Collect the results of a finished training and draw its curves.

    Args:
        runner (mmengine.runner.Runner): after ``train()``.

    Returns:
        Summary: of this process's work dir.
    """
    from regnet_plugin.report.figures import training_curves  # matplotlib takes its time

    work_dir = Path(runner.work_dir)
    files = dict(log=Path(runner.log_dir) / f'{runner.timestamp}.log')
    hook = next((hook for hook in runner.hooks if type(hook).__name__ == 'CheckpointHook'), None)
    for label, path in (('checkpoint', newest_checkpoint(work_dir)),
                        ('best checkpoint', getattr(hook, 'best_ckpt_path', None))):
        if path:
            files[label] = Path(path)
    history = read_history(work_dir)
    if history.training:
        files['curves'] = work_dir / 'curves.png'
        training_curves(history.training, history.validation).savefig(files['curves'], dpi=150)
    if not history.validation:
        return Summary(files=files)
    metric, lower_is_better = _deciding_metric(hook, history.validation[-1])
    values = [(row[metric], row['step']) for row in history.validation if metric in row]
    best = (min if lower_is_better else max)(values, key=lambda value: value[0])
    return Summary(metric, values[-1], best, files)


_NOT_METRICS = ('step', 'time', 'data_time', 'epoch', 'iter')


def _deciding_metric(hook, row):
    """The metric that checkpoints are kept by, else the first one; and whether lower is better."""
    kept_by = getattr(hook, 'key_indicators', None)
    if kept_by and kept_by[0] in row:
        return kept_by[0], hook.rules[0] == 'less'
    return next(name for name in row if name not in _NOT_METRICS), False


def testing_config(args):
    """Read the config and apply the flags of tools/test.py; the counterpart of `training_config`."""
    config = _load_config(args)
    config.load_from = args.checkpoint
    if args.amp:
        config.test_cfg.fp16 = True
    if args.show or args.show_dir:
        _enable_visualization(config, args)
    if args.tta:
        with blame(args.config):
            _enable_tta(config)
    _set_loaders(config, args, ('test_dataloader', ))
    return config


def _enable_visualization(config, args):
    hook = config.get('default_hooks', {}).get('visualization')
    if hook is None:
        raise UserError(f'--show and --show-dir need default_hooks.visualization, which {args.config} does not give')
    hook.update(show=args.show, wait_time=args.wait_time, interval=args.interval)
    if config.get('default_scope') == 'mmdet':
        hook.update(draw=True, test_out_dir=args.show_dir)
    else:
        hook.update(enable=True, out_dir=args.show_dir)


_TTA_MODELS = {
    'mmpretrain': dict(type='AverageClsScoreTTA'),
    'mmdet': dict(type='DetTTAModel', tta_cfg=dict(nms=dict(type='nms', iou_threshold=0.5), max_per_img=100)),
}
_PACKED_FOR_TTA = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor', 'flip', 'flip_direction')


def _enable_tta(config):
    """Wrap the model and the test pipeline; flips where the config has no test-time augmentation of its own."""
    if 'tta_model' not in config:
        config.tta_model = _TTA_MODELS[config.get('default_scope', 'mmpretrain')]
    dataset = config.test_dataloader.dataset
    while 'dataset' in dataset:
        dataset = dataset.dataset
    if 'tta_pipeline' not in config:
        *transforms, pack = deepcopy(dataset.pipeline)
        if config.get('default_scope') == 'mmdet':
            pack = dict(type='PackDetInputs', meta_keys=_PACKED_FOR_TTA)
        flips = [dict(type='RandomFlip', prob=1.0), dict(type='RandomFlip', prob=0.0)]
        config.tta_pipeline = [*transforms, dict(type='TestTimeAug', transforms=[flips, [pack]])]
    config.model = ConfigDict(**config.tta_model, module=config.model)
    dataset.pipeline = config.tta_pipeline


def test(config, name='the config', out=None, out_item='pred'):
    """Evaluate the checkpoint that the config loads.

    Args:
        config (mmengine.Config): from `testing_config`.
        name (str): what an error message calls the config.
        out (str, optional): file for predictions or metrics. Default: None.
        out_item (str): 'pred' or 'metrics'. Default: 'pred'.

    Returns:
        dict[str, float]: the metrics.

    Raises:
        UserError: if something that the config names cannot be built, or there is no such checkpoint.
    """
    if '://' not in config.load_from and not Path(config.load_from).is_file():
        raise UserError(f'there is no checkpoint {config.load_from}')
    with blame(name):
        runner = _build_runner(config)
        if out and out_item == 'pred':
            runner.test_evaluator.metrics.append(_dump_class(config)(out_file_path=out))
    with _blame_until_start(name, runner):
        metrics = runner.test()
    if out and out_item == 'metrics':
        mmengine.dump(metrics, out)
    return metrics


def _dump_class(config):
    if config.get('default_scope') != 'mmdet':
        return DumpResults
    from mmdet.evaluation import DumpDetResults  # encodes masks

    return DumpDetResults
