"""What is wrong with every training of a recipe, whatever the network: said once, before the first one."""
from typing import Any, Iterator, List, Mapping, Optional

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook, EarlyStoppingHook
from mmengine.registry import DefaultScope

from regnet_plugin.engine.error_rule import error_rule, hooks_of
from regnet_plugin.engine.shared_runner import SharingRunner

_NEEDS_GPU = 'AmpOptimWrapper'
_NEVER = 10**9  # MMEngine's end of a schedule that goes on as long as the training


def check_trainable(config: Config, here: bool) -> None:
    """Check a population's recipe.

    Args:
        config (mmengine.Config): the recipe, or that of a run.
        here (bool): it is trained on this machine: with what there is of GPUs and data.

    Raises:
        ValueError: if nothing would be trained or evaluated, or each network would fail of the same.
    """
    check_length(config)
    loop = config.train_cfg
    missing = [name for name in ('val_cfg', 'val_dataloader', 'val_evaluator') if config.get(name) is None]
    if missing:
        raise ValueError('a recipe must evaluate, as the error of a network is made of that, but it has no '
                         f'{", ".join(missing)}')
    begin, last = loop.get('val_begin', 1), _length(loop)
    if last is not None and begin > last:
        raise ValueError(f'a recipe must evaluate, but train_cfg.val_begin={begin} is beyond the end of the training, '
                         f'{last}')
    error_rule(config)
    for hook in hooks_of(config, 'CheckpointHook'):
        _check_rule(CheckpointHook, hook.get('save_best'), hook)
        if _by_epoch(loop) and not hook.get('by_epoch', True) and hook.get('interval', -1) > 0:
            raise ValueError('checkpoints must be by epoch where the training is, or a part of an epoch would be trained '
                             f'twice after an interruption, but the hook is {dict(hook)}')
    for hook in hooks_of(config, 'EarlyStoppingHook'):
        _check_rule(EarlyStoppingHook, hook.get('monitor'), hook)
    if here:
        check_device(config)
        if _drops_last(config.train_dataloader):
            with DefaultScope.overwrite_default_scope(config.get('default_scope') or 'mmengine'):
                check_batches(SharingRunner.build_dataloader(config.train_dataloader, seed=0))


def check_device(config: Config) -> None:
    """Check that mixed precision has the GPU that it needs.

    Raises:
        ValueError: if it has none.
    """
    kind = (config.get('optim_wrapper') or {}).get('type')
    if str(kind).rpartition('.')[2] == _NEEDS_GPU and not torch.cuda.is_available():
        raise ValueError(f'optim_wrapper.type={kind} needs a GPU, and PyTorch sees none')


def check_length(config: Config) -> None:
    """Check that there is something to train.

    Raises:
        ValueError: if the training ends before its first iteration.
    """
    loop = config.get('train_cfg') or {}
    for name in ('max_epochs', 'max_iters'):
        if loop.get(name) is not None and not loop[name] >= 1:
            raise ValueError(f'train_cfg.{name} must be at least 1, but it is {loop[name]}')


def check_batches(loader: Any) -> None:
    """Check that a loader gives a batch.

    Args:
        loader (torch.utils.data.DataLoader): of the training images.

    Raises:
        ValueError: if it gives none.
    """
    if len(loader):
        return
    images, batch = len(loader.dataset), getattr(loader.batch_sampler, 'batch_size', loader.batch_size)
    said = f'drop_last leaves out the {images} that are less than a batch of {batch}' if images else 'there are none'
    raise ValueError(f'train_dataloader must give images to train with, but {said}')


def notes_on(config: Config, epoch_length: Optional[int] = None) -> List[str]:
    """Tell what a person may not have meant, a line each.

    Args:
        config (mmengine.Config): of a training.
        epoch_length (int, optional): its iterations. Default: None, not known.
    """
    return list(_unfinished(config, epoch_length))


def notes_on_recipe(config: Config) -> List[str]:
    """Tell what a person may not have meant of a population's recipe, a line each; it has been checked."""
    guessed = error_rule(config).guessed
    scale = [f'nobody says the scale of {guessed}: its numbers are taken for percentages, and refused where they may be '
             'fractions; perfect_score=1, or 100, in the recipe tells'] if guessed else []
    return [*notes_on(config), *scale]


def _unfinished(config: Config, epoch_length: Optional[int]) -> Iterator[str]:
    """Schedules of the learning rate that do not come to their end, such as a warm-up that is as long as the training."""
    loop = config.get('train_cfg') or {}
    schedules = config.get('param_scheduler') or ()
    for schedule in [schedules] if isinstance(schedules, Mapping) else schedules:
        if not isinstance(schedule, Mapping) or 'type' not in schedule:  # of several optimizers
            continue
        name, by_epoch = str(schedule['type']).rpartition('.')[2], schedule.get('by_epoch', True)
        if by_epoch and not _by_epoch(loop):
            yield f'param_scheduler: {name} never moves, since it is by epochs, and the training is by iterations'
            continue
        last = _length(loop) if by_epoch == _by_epoch(loop) else epoch_length and epoch_length * _length(loop)
        if last is not None and _end(schedule) > last:
            unit = 'epoch' if by_epoch else 'iteration'
            yield (f'param_scheduler: {name} comes to its end in {unit} {_end(schedule):g}, but the training ends in '
                   f'{unit} {last}')


def _end(schedule: Mapping[str, Any]) -> float:
    """The epoch or iteration at which a schedule has come to its end; 0 where it takes that of the training."""
    end, period = schedule.get('end') or 0, schedule.get('T_max')
    marks = [0 if end >= _NEVER else end, *(schedule.get('milestones') or ())]
    return max(marks + [schedule.get('begin', 0) + period] if period else marks)


def _length(loop: Mapping[str, Any]) -> Optional[int]:
    return loop.get('max_epochs') if _by_epoch(loop) else loop.get('max_iters')


def _by_epoch(loop: Mapping[str, Any]) -> bool:
    return loop.get('max_epochs') is not None


def _drops_last(loader: Mapping[str, Any]) -> bool:
    return any(part.get('drop_last') for part in (loader, loader.get('batch_sampler') or {}))


def _check_rule(kind: type, metric: Any, hook: Mapping[str, Any]) -> None:
    """MMEngine infers from a metric's name whether more of it is better, and does so when a training begins."""
    if metric is None:
        return
    name = 'monitor' if kind is EarlyStoppingHook else 'save_best'
    settings = {key: hook[key] for key in ('rule', 'greater_keys', 'less_keys') if key in hook}
    try:
        kind(**{name: metric}, **settings)
    except (ValueError, KeyError, AssertionError) as error:
        raise ValueError(f"{kind.__name__} must know whether more of its metric is better: rule='greater' or rule='less' "
                         f'beside {name}={metric!r}; {error.args[0] if error.args else ""}') from None
