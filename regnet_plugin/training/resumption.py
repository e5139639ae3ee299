"""What a training must know to go on as if it had not been interrupted, and MMEngine does not keep
in its checkpoints.
"""

import random
from typing import Any, Dict, Iterator, List, Optional

import numpy as np
import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import CheckpointHook, EarlyStoppingHook, Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import EpochBasedTrainLoop, Runner

_KEY = 'regnet_plugin.resumption'  # in a checkpoint


class ResumptionHook(Hook):
    """Keeps in checkpoints, and restores, the gradients that are accumulated and not yet used, what
    EarlyStoppingHook has seen, and the states of the random generators; the latter of a single
    process.

    A checkpoint that is written in the middle of a validation, as that of the best epoch, has the
    states from before it: a resumed training validates first, see `ResumeHook`.
    """

    priority = 'LOW'  # before CheckpointHook and ResumeHook

    def __init__(self) -> None:
        self._before_val: Optional[Dict[str, Any]] = None
        self._mean: Dict[str, torch.Tensor] = {}  # gradients over all processes
        self._loaded: Optional[Dict[str, Any]] = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: Dict[str, Any]) -> None:
        if runner._resume:
            self._loaded = checkpoint.get(_KEY)

    def before_train(self, runner: Runner) -> None:
        loop = runner.train_loop
        if isinstance(loop, EpochBasedTrainLoop) and loop.iter != loop.epoch * len(loop.dataloader):
            runner.logger.warning(
                'The checkpoint is from within an epoch, or of other batches: this epoch is '
                'trained from '
                'its beginning, and the training does not end as without the interruption.'
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
        if get_world_size() > 1 and checkpoint_follows(runner):
            self._mean = _mean_gradients(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        if get_world_size() > 1:
            self._mean = _mean_gradients(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: Dict[str, Any]) -> None:
        if 'optimizer' in checkpoint:  # else it is not to go on from
            gradients = self._mean or _gradients(runner)
            checkpoint[_KEY] = {
                **(self._before_val or _states(runner)),
                'gradients': {name: gradient.cpu() for name, gradient in gradients.items()},
            }


def checkpoint_follows(runner: Runner) -> bool:
    """Whether a checkpoint will be written after this iteration."""
    return any(
        isinstance(hook, CheckpointHook)
        and not hook.by_epoch
        and (hook.every_n_train_iters(runner, hook.interval) or hook.is_last_train_iter(runner))
        for hook in runner.hooks
    )


def _states(runner: Runner) -> Dict[str, Any]:
    """Plain values and tensors, which are read without running anything."""
    stopping = [
        dict(wait_count=hook.wait_count, best_score=float(hook.best_score))
        for hook in _stopping(runner)
    ]
    return dict(stopping=stopping, random=_random_states() if get_world_size() == 1 else None)


def _random_states() -> Dict[str, Any]:
    kind, keys, *rest = np.random.get_state()
    return dict(
        torch=torch.get_rng_state(),
        cuda=torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        numpy=(kind, torch.from_numpy(keys.astype(np.int64)), *rest),
        python=random.getstate(),
    )


def _stopping(runner: Runner) -> List[EarlyStoppingHook]:
    return [hook for hook in runner.hooks if isinstance(hook, EarlyStoppingHook)]


def _restore(runner: Runner, loaded: Dict[str, Any]) -> None:
    for hook, state in zip(_stopping(runner), loaded['stopping']):
        hook.wait_count, hook.best_score = state['wait_count'], state['best_score']
    parameters = dict(_model(runner).named_parameters())
    for name, gradient in loaded['gradients'].items():
        parameters[name].grad = gradient.to(parameters[name])
    if loaded['gradients']:
        runner.logger.info('The accumulated gradients are those of the checkpoint: none is lost.')
    if loaded['random'] and get_world_size() == 1:
        _restore_random(loaded['random'])


def _restore_random(states: Dict[str, Any]) -> None:
    torch.set_rng_state(states['torch'].cpu())
    if states['cuda'] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(states['cuda'].cpu())
    kind, keys, *rest = states['numpy']
    np.random.set_state((kind, keys.cpu().numpy().astype(np.uint32), *rest))
    random.setstate(states['python'])


def _gradients(runner: Runner) -> Dict[str, torch.Tensor]:
    """Those of parameters that have some, if the last iteration did not use them up."""
    if not any(wrapper.inner_count % wrapper._accumulative_counts for wrapper in _wrappers(runner)):
        return {}
    return {
        name: parameter.grad
        for name, parameter in _model(runner).named_parameters()
        if parameter.grad is not None
    }


def _mean_gradients(runner: Runner) -> Dict[str, torch.Tensor]:
    """Over the processes, which accumulate each its own: the mean of means that is taken when they
    are used is the same.
    """
    means = {name: gradient.clone() for name, gradient in _gradients(runner).items()}
    for gradient in means.values():
        all_reduce(gradient, 'mean')
    return means


def _wrappers(runner: Runner) -> Iterator[OptimWrapper]:
    wrapper = runner.optim_wrapper
    return wrapper.values() if isinstance(wrapper, OptimWrapperDict) else iter([wrapper])


def _model(runner: Runner) -> torch.nn.Module:
    return getattr(runner.model, 'module', runner.model)
