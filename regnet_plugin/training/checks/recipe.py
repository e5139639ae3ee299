"""What is wrong with every training of a recipe, whatever the network: said once, before the first
one.
"""

from typing import Any, List, Mapping, Optional

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook, EarlyStoppingHook
from mmengine.registry import DefaultScope

from regnet_plugin.training.checks.schedule import (
    check_length,
    check_schedules,
    never_reached,
    unfinished,
)
from regnet_plugin.training.error_rule import error_rule, hooks_of
from regnet_plugin.training.shared_runner import SharingRunner

_NEEDS_GPU = 'AmpOptimWrapper'


def check_trainable(config: Config, here: bool) -> None:
    """Check a population's recipe.

    Args:
        config (mmengine.Config): the recipe, or that of a run.
        here (bool): it is trained on this machine: with what there is of GPUs and data.

    Raises:
        ValueError: if nothing would be trained or evaluated, or each network would fail of the
            same.
    """
    check_length(config)
    missing = [
        name for name in ('val_cfg', 'val_dataloader', 'val_evaluator') if config.get(name) is None
    ]
    if missing:
        raise ValueError(
            'a recipe must evaluate, as the error of a network is made of that, but it has no '
            f'{", ".join(missing)}'
        )
    check_schedules(config)
    error_rule(config)
    by_epoch = config.train_cfg.get('max_epochs') is not None
    for hook in hooks_of(config, 'CheckpointHook'):
        _check_rule(CheckpointHook, hook.get('save_best'), hook)
        if by_epoch and not hook.get('by_epoch', True) and hook.get('interval', -1) > 0:
            raise ValueError(
                'checkpoints must be by epoch where the training is, or a part of an epoch would '
                'be trained '
                f'twice after an interruption, but the hook is {dict(hook)}'
            )
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


def check_batches(loader: Any) -> None:
    """Check that a loader gives a batch.

    Args:
        loader (torch.utils.data.DataLoader): of the training images.

    Raises:
        ValueError: if it gives none.
    """
    if len(loader):
        return
    images, batch = (
        len(loader.dataset),
        getattr(loader.batch_sampler, 'batch_size', loader.batch_size),
    )
    said = (
        f'drop_last leaves out the {images} that are less than a batch of {batch}'
        if images
        else 'there are none'
    )
    raise ValueError(f'train_dataloader must give images to train with, but {said}')


def notes_on(config: Config, epoch_length: Optional[int] = None) -> List[str]:
    """Tell what a person may not have meant, a line each.

    Args:
        config (mmengine.Config): of a training.
        epoch_length (int, optional): its iterations. Default: None, not known.
    """
    return [*never_reached(config), *unfinished(config, epoch_length)]


def notes_on_recipe(config: Config) -> List[str]:
    """Tell what a person may not have meant of a population's recipe, a line each; it has been
    checked.
    """
    guessed = error_rule(config).guessed
    scale = (
        [
            f'nobody says the scale of {guessed}: its numbers are taken for percentages, and '
            'refused where they may be '
            'fractions; perfect_score=1, or 100, in the recipe tells'
        ]
        if guessed
        else []
    )
    return [*notes_on(config), *scale]


def _drops_last(loader: Mapping[str, Any]) -> bool:
    return any(part.get('drop_last') for part in (loader, loader.get('batch_sampler') or {}))


def _check_rule(kind: type, metric: Any, hook: Mapping[str, Any]) -> None:
    """MMEngine infers from a metric's name whether more of it is better, and does so when a
    training begins.
    """
    if metric is None:
        return
    name = 'monitor' if kind is EarlyStoppingHook else 'save_best'
    settings = {key: hook[key] for key in ('rule', 'greater_keys', 'less_keys') if key in hook}
    try:
        kind(**{name: metric}, **settings)
    except (ValueError, KeyError, AssertionError) as error:
        raise ValueError(
            f"{kind.__name__} must know whether more of its metric is better: rule='greater' or "
            "rule='less' "
            f'beside {name}={metric!r}; {error.args[0] if error.args else ""}'
        ) from None
