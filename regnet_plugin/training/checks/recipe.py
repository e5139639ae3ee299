"""What is wrong with every training of a recipe, whatever the network.

It is said once, before the first training.
"""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook, EarlyStoppingHook, Hook
from mmengine.registry import DefaultScope
from torch.utils.data import DataLoader

from regnet_plugin.training.checks.schedule import (
    check_length,
    check_schedules,
    never_reached,
    unfinished,
)
from regnet_plugin.training.config.entries import class_name, hooks_of
from regnet_plugin.training.config.error_rule import error_rule
from regnet_plugin.training.sharing.shared_runner import SharingRunner

_NEEDS_GPU = 'AmpOptimWrapper'


def check_trainable(config: Config, here: bool) -> None:
    """Check a population's recipe.

    Args:
        config: the recipe, or that of a run.
        here: it is trained on this machine: with what there is of GPUs and data.

    Raises:
        ValueError: if nothing would be trained or evaluated, or each network would fail of the
            same.
    """
    check_length(config)
    _check_evaluates(config)
    check_schedules(config)
    error_rule(config)
    for hook in hooks_of(config, 'CheckpointHook'):
        _check_direction(CheckpointHook, 'save_best', hook.get('save_best'), hook)
        _check_interval(config, hook)
    for hook in hooks_of(config, 'EarlyStoppingHook'):
        _check_direction(EarlyStoppingHook, 'monitor', hook.get('monitor'), hook)
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
    wrapper = config.get('optim_wrapper') or {}
    if class_name(wrapper) == _NEEDS_GPU and not torch.cuda.is_available():
        raise ValueError(f'optim_wrapper.type={wrapper["type"]} needs a GPU, and PyTorch sees none')


def check_batches(loader: DataLoader[Any]) -> None:
    """Check that a loader gives a batch.

    Args:
        loader: of the training images.

    Raises:
        ValueError: if it gives none.
    """
    if len(loader):
        return
    images = len(loader.dataset)  # type: ignore[arg-type]  # those of MMEngine have a length
    batch = getattr(loader.batch_sampler, 'batch_size', loader.batch_size)
    said = 'there are none'
    if images:
        said = f'drop_last leaves out the {images} that are less than a batch of {batch}'
    raise ValueError(f'train_dataloader must give images to train with, but {said}')


def notes_on(config: Config, epoch_length: int | None = None) -> list[str]:
    """Tell what a person may not have meant, a line each.

    Args:
        config: of a training.
        epoch_length: its iterations. Default: None, not known.
    """
    return [*never_reached(config), *unfinished(config, epoch_length)]


def notes_on_recipe(config: Config) -> list[str]:
    """Tell what a person may not have meant of a population's recipe, a line each.

    Args:
        config: it has been checked by `check_trainable`.
    """
    notes = notes_on(config)
    guessed = error_rule(config).guessed
    if guessed:
        notes.append(
            f'nobody says the scale of {guessed}: its numbers are taken for percentages, and '
            'refused where they may be fractions; perfect_score=1, or 100, in the recipe tells'
        )
    return notes


def _check_evaluates(config: Config) -> None:
    names = ('val_cfg', 'val_dataloader', 'val_evaluator')
    missing = [name for name in names if config.get(name) is None]
    if missing:
        raise ValueError(
            'a recipe must evaluate, as the error of a network is made of that, but it has no '
            f'{", ".join(missing)}'
        )


def _check_interval(config: Config, hook: Mapping[str, Any]) -> None:
    """Check that a training by epochs has no checkpoints within an epoch."""
    by_epoch = config.train_cfg.get('max_epochs') is not None
    if by_epoch and not hook.get('by_epoch', True) and hook.get('interval', -1) > 0:
        raise ValueError(
            'checkpoints must be by epoch where the training is, or a part of an epoch would be '
            f'trained twice after an interruption, but the hook is {dict(hook)}'
        )


def _check_direction(kind: type[Hook], argument: str, metric: Any, hook: Mapping[str, Any]) -> None:
    """Check that a hook knows whether more of its metric is better.

    MMEngine infers it from the metric's name, and does so when a training begins.

    Args:
        kind: class of the hook.
        argument: of the class, that names the metric.
        metric: its name, or several; None where the hook has none.
        hook: its config.
    """
    if metric is None:
        return
    settings = {key: hook[key] for key in ('rule', 'greater_keys', 'less_keys') if key in hook}
    try:
        kind(**{argument: metric}, **settings)
    except (ValueError, KeyError, AssertionError) as error:
        said = error.args[0] if error.args else ''
        raise ValueError(
            f"{kind.__name__} must know whether more of its metric is better: rule='greater' or "
            f"rule='less' beside {argument}={metric!r}; {said}"
        ) from None


def _drops_last(loader: Mapping[str, Any]) -> bool:
    """Whether a loader leaves out images that do not fill a batch."""
    sampler = loader.get('batch_sampler') or {}
    return bool(loader.get('drop_last') or sampler.get('drop_last'))
