"""Hooks that make a resumed training end as if it had not been interrupted."""

from pathlib import Path
from typing import Any

from mmengine.dist import get_world_size
from mmengine.hooks import CheckpointHook, EarlyStoppingHook, Hook
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, Runner
from torch import Tensor

from regnet_plugin.population.runs.layout import CHECKPOINT_NAME
from regnet_plugin.training.hooks.accumulated_gradients import (
    accumulated_gradients,
    mean_accumulated_gradients,
    restore_gradients,
)
from regnet_plugin.training.hooks.random_states import random_states, restore_random_states

_KEY = 'regnet_plugin.resumption'  # in a checkpoint


class KeepStateHook(Hook):
    """Keeps in checkpoints, and restores, what MMEngine's own do not have.

    That is the gradients that are accumulated and not yet used, what EarlyStoppingHook has seen,
    and, of a single process, the states of the random generators.

    A checkpoint that is written in the middle of a validation, as that of the best epoch, has the
    states from before it: a resumed training validates first, see `ValidateAgainHook`.
    """

    priority = 'LOW'  # before CheckpointHook and `ValidateAgainHook`

    def __init__(self) -> None:
        self._before_val: dict[str, Any] | None = None  # states, while a validation goes on
        self._mean: dict[str, Tensor] = {}  # gradients over all processes
        self._loaded: dict[str, Any] | None = None  # what is to be restored

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        if runner._resume:
            self._loaded = checkpoint.get(_KEY)

    def before_train(self, runner: Runner) -> None:
        loop = runner.train_loop
        if isinstance(loop, EpochBasedTrainLoop) and loop.iter != loop.epoch * len(loop.dataloader):
            runner.logger.warning(
                'The checkpoint is from within an epoch, or of other batches: this epoch is '
                'trained from its beginning, and the training does not end as without the '
                'interruption.'
            )
        if self._loaded is not None:
            _restore(runner, self._loaded)
            self._loaded = None

    def before_val(self, runner: Runner) -> None:
        self._before_val = _states(runner)

    def after_val(self, runner: Runner) -> None:
        self._before_val = None

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        self._mean = {}

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        # All processes must take part in the mean, and only the first one writes checkpoints.
        if get_world_size() > 1 and checkpoint_follows(runner):
            self._mean = mean_accumulated_gradients(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        if get_world_size() > 1:
            self._mean = mean_accumulated_gradients(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        if 'optimizer' not in checkpoint:  # nobody goes on from it
            return
        states = self._before_val or _states(runner)
        gradients = self._mean or accumulated_gradients(runner)
        on_cpu = {name: gradient.cpu() for name, gradient in gradients.items()}
        checkpoint[_KEY] = {**states, 'gradients': on_cpu}


class OwnBestCheckpointHook(Hook):
    """Forgets the best checkpoint of a resumed run if it lies elsewhere, or is none.

    CheckpointHook deletes the one that it knows once there is a better one: whatever file that is.
    """

    priority = 'LOWEST'  # after CheckpointHook has restored what it knows

    def before_train(self, runner: Runner) -> None:
        work_dir = Path(runner.work_dir)
        for hook in runner.hooks:
            if isinstance(hook, CheckpointHook):
                _keep_to(work_dir, hook)


class ValidateAgainHook(Hook):
    """Does the validation of the epoch that a resumed run's checkpoint is of (again) first.

    MMEngine saves the checkpoint of an epoch before it validates, and goes on behind both: a kill
    may have cut off the validation.
    """

    priority = 'LOWEST'  # after CheckpointHook has restored what it knows

    def before_train(self, runner: Runner) -> None:
        if runner.val_loop is not None and _validation_is_due(runner.train_loop):
            runner.val_loop.run()


def checkpoint_follows(runner: Runner) -> bool:
    """Whether a checkpoint will be written after this iteration."""
    for hook in runner.hooks:
        if not isinstance(hook, CheckpointHook) or hook.by_epoch:
            continue
        if hook.every_n_train_iters(runner, hook.interval) or hook.is_last_train_iter(runner):
            return True
    return False


def _states(runner: Runner) -> dict[str, Any]:
    """Plain values and tensors, which are read without running anything."""
    stopping = [
        dict(wait_count=hook.wait_count, best_score=float(hook.best_score))
        for hook in _stopping_hooks(runner)
    ]
    # Processes differ in their random states, and a checkpoint is that of the first one.
    return dict(stopping=stopping, random=random_states() if get_world_size() == 1 else None)


def _restore(runner: Runner, loaded: dict[str, Any]) -> None:
    for hook, state in zip(_stopping_hooks(runner), loaded['stopping']):
        hook.wait_count = state['wait_count']
        hook.best_score = state['best_score']
    restore_gradients(runner, loaded['gradients'])
    if loaded['gradients']:
        runner.logger.info('The accumulated gradients are those of the checkpoint: none is lost.')
    if loaded['random'] and get_world_size() == 1:
        restore_random_states(loaded['random'])


def _stopping_hooks(runner: Runner) -> list[EarlyStoppingHook]:
    return [hook for hook in runner.hooks if isinstance(hook, EarlyStoppingHook)]


def _keep_to(work_dir: Path, hook: CheckpointHook) -> None:
    """Let a hook know best checkpoints in the work dir only, by one metric or by several."""
    if hasattr(hook, 'best_ckpt_path'):
        hook.best_ckpt_path = _own_checkpoint(work_dir, hook.best_ckpt_path)
    for metric, path in getattr(hook, 'best_ckpt_path_dict', {}).items():
        hook.best_ckpt_path_dict[metric] = _own_checkpoint(work_dir, path)


def _own_checkpoint(work_dir: Path, noted: str | None) -> str | None:
    """The file of a noted name in the work dir, if it is a checkpoint there and no link.

    The work dir may have been moved since the name was noted.
    """
    if not noted:
        return None
    path = work_dir / Path(noted).name
    is_checkpoint = CHECKPOINT_NAME.fullmatch(path.name) is not None
    return str(path) if is_checkpoint and path.is_file() and not path.is_symlink() else None


def _validation_is_due(loop: BaseLoop) -> bool:
    """Whether MMEngine would validate at the place that a training loop goes on from."""
    loop._decide_current_val_interval()  # as it did when it came here
    if isinstance(loop, EpochBasedTrainLoop):
        step, last = loop.epoch, loop.max_epochs
    else:
        step, last = loop.iter, loop.max_iters
    has_begun = step >= max(loop.val_begin, 1)
    return has_begun and (step % loop.val_interval == 0 or step == last)
