"""What a run of a population leaves behind: its progress while it trains, its result at the end."""

import math
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TypedDict
from uuid import uuid4

import torch
from mmengine.dist import all_reduce, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.runs.attempts import (
    BEAT,
    TELL_EVERY,
    TOKEN,
    Attempt,
    attempts_of,
    begin_attempt,
    watch_until_known,
)
from regnet_plugin.population.runs.layout import RESULT
from regnet_plugin.population.runs.results import Result, curve_summary
from regnet_plugin.population.runs.run import RunFolder
from regnet_plugin.registry import HOOKS
from regnet_plugin.training.config.error_rule import error_rule
from regnet_plugin.training.hooks.resumption import checkpoint_follows
from regnet_plugin.training.memory import memory_peak, reset_memory_peak
from regnet_plugin.training.workers.circumstances import device, versions
from regnet_plugin.training.workers.trainee_reply import FailureNoted

_KEY = 'regnet_plugin.result'  # in the message hub, which checkpoints carry
_CHECK_EVERY = 50  # iterations; asking a GPU for the loss waits for it


class Diverged(FailureNoted):
    """The loss is no number any more."""


class WrongMetric(FailureNoted):
    """An evaluation gave nothing that an error can be made of."""


# by the error that is raised: the reason that a result gives
_REASONS: dict[type[FailureNoted], str] = {Diverged: 'diverged', WrongMetric: 'wrong metric'}


class _Measured(TypedDict):
    """What a training has come to so far; checkpoints carry it.

    Attributes:
        curve: a row per epoch, or per evaluation where a recipe counts iterations, see `Result`.
        seconds: of training and evaluation.
        peak_memory: bytes.
    """

    curve: list[dict[str, Any]]
    seconds: float
    peak_memory: int


class _State(_Measured, total=False):
    """`_Measured`, and what is not always there.

    Attributes:
        metric, unit: of the errors, after the first evaluation.
        unfinished: in checkpoints only: sum and number of the losses that are not in the curve yet.
    """

    metric: str | None
    unit: str
    unfinished: tuple[float, int]


@HOOKS.register_module()
class ResultHook(Hook):
    """Write what a run leaves in its folder: ``progress.json`` and ``result.json``.

    The former is written while it trains, the latter when it ended or diverged.

    The config of a run has it, so a run has its result whoever trained it: train_population.py, or
    train.py alone. In the latter case the hook takes the run, as a worker does before it trains, so
    that nobody else trains it meanwhile.

    Args:
        network (str): its number in the population.
        recipe (str): name of the recipe.
        recipe_digest (str): of the recipe's text.
        complexity (dict): flops, parameters, activations.
    """

    # before CheckpointHook, so that a checkpoint has the curve up to its own epoch
    priority = 'LOW'

    def __init__(
        self, network: str, recipe: str, recipe_digest: str, complexity: Mapping[str, int]
    ) -> None:
        self.network, self.recipe, self.recipe_digest = network, recipe, recipe_digest
        self.complexity = dict(complexity)
        self._attempt: Attempt | None = None  # of train.py alone; else the worker has one
        self._ended = threading.Event()
        self._tell_every = float(os.environ.get(TELL_EVERY, BEAT))
        self._last_told = 0.0  # when progress was written last, by the monotonic clock
        self._last_noted = 0.0  # up to when seconds are counted, by the monotonic clock
        # of the losses that are not in the curve yet: their sum over iterations, their number
        self._loss: torch.Tensor | float = 0.0
        self._count = 0

    def before_train(self, runner: Runner) -> None:
        """Take the run if nobody did, and go on from what a checkpoint says."""
        self._folder = Path(runner.work_dir)
        with blame(str(self._folder)):
            self._rule = error_rule(runner.cfg)
        if TOKEN not in os.environ and is_main_process():
            self._take()
        kept: _State | None = runner.message_hub.runtime_info.get(_KEY)
        self._state: _State = kept or {'curve': [], 'seconds': 0.0, 'peak_memory': 0}
        self._loss, self._count = self._state.pop('unfinished', (0.0, 0))
        runner.message_hub.update_info(_KEY, self._state)
        self._last_noted = time.monotonic()
        reset_memory_peak()
        self._tell(runner)

    def _take(self) -> None:
        """Take the run, and show from now on that it is being trained.

        Raises:
            UserError: if it has ended, or somebody else trains it.
        """
        if is_there(self._folder / RESULT):
            raise UserError(
                f'{self._folder} has its {RESULT} already; remove that to train it again'
            )
        watch_until_known([self._folder], say)
        self._attempt = begin_attempt(self._folder, None, uuid4().hex)
        if self._attempt is None:
            raise UserError(
                f'{self._folder} is being trained by {attempts_of(self._folder)[-1].where}'
            )
        threading.Thread(target=self._touch, args=(self._attempt,), daemon=True).start()

    def _touch(self, attempt: Attempt) -> None:
        """Show that this process lives, also in an evaluation of minutes, until it does not."""
        while not self._ended.wait(BEAT):
            # of a server that does not answer: the next beat may come through
            with suppress(OSError):
                attempt.touch()

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Add up the loss, look now and then whether it is a number, and tell how far it is."""
        if outputs and 'loss' in outputs:
            self._loss = self._loss + outputs['loss'].detach().double()
            self._count += 1
        if self.every_n_inner_iters(batch_idx, _CHECK_EVERY):
            self._check_loss(runner)
        if self._count and checkpoint_follows(runner):
            # one process writes the checkpoint, and all go on from it
            self._loss = mean_over_processes(self._loss)
        self._tell_sometimes(runner)

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Tell that the run lives."""
        self._tell_sometimes(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        """Note the mean loss of the epoch."""
        if _by_epoch(runner):
            # the loop counts the epoch after the hooks
            self._note(runner, runner.epoch + 1, self._mean_loss(runner))
        self._tell_sometimes(runner)

    def after_val_epoch(self, runner: Runner, metrics: Mapping[str, Any] | None = None) -> None:
        """Note the error; where a recipe counts iterations, also the mean loss since the last one.

        Raises:
            WrongMetric: if there is none, see `ErrorRule.measured`.
        """
        if _by_epoch(runner):
            unit, step, row = 'epoch', runner.epoch, {}
        else:
            unit, step, row = 'iteration', runner.iter, self._mean_loss(runner)
        try:
            found = self._rule.measured(metrics or {}, self._state.get('metric'))
        except ValueError as error:
            self._fail(runner, WrongMetric, f'{error}, after {unit} {step}')
        self._state['metric'], self._state['unit'] = found.metric, found.unit
        self._note(runner, step, {'error': found.error, **row})
        self._tell_sometimes(runner)

    def after_train(self, runner: Runner) -> None:
        """Write the result."""
        self._note_cost()
        self._write(runner, status='done')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Put in what is not in the curve yet, where checkpoints lie between two evaluations."""
        self._note_cost()
        state = self._state.copy()
        state['curve'] = [row.copy() for row in self._state['curve']]
        if self._count:
            state['unfinished'] = (float(self._loss), self._count)
        checkpoint['message_hub']['runtime_info'][_KEY] = state

    def _mean_loss(self, runner: Runner) -> dict[str, float]:
        """Entries of a row of the curve: the mean loss since the last one; none without losses."""
        self._check_loss(runner)
        if not self._count:
            return {}
        loss = mean_over_processes(self._loss / self._count)
        self._loss, self._count = 0.0, 0
        return {'loss': loss}

    def _check_loss(self, runner: Runner) -> None:
        """End the training where the loss is no number.

        Raises:
            Diverged: if so.
        """
        loss = float(self._loss)
        if not math.isfinite(loss):
            place = f'epoch {runner.epoch + 1}, iteration {runner.iter + 1}'
            self._fail(runner, Diverged, f'the loss is {loss} in {place}')

    def _fail(self, runner: Runner, kind: type[FailureNoted], message: str) -> NoReturn:
        """Write that the run failed, and end the training."""
        self._note_cost()
        self._write(runner, status='failed', reason=_REASONS[kind], message=message)
        raise kind(f'{self._folder}: {message}')

    def _note(self, runner: Runner, step: int, values: Mapping[str, float | None]) -> None:
        """Add values to the curve's row of a step.

        One that was noted before, and again after a resumption, is the same.
        """
        curve = self._state['curve']
        if not curve or curve[-1]['epoch'] != step:
            curve.append({'epoch': step})
        curve[-1].update(values)
        self._note_cost()
        runner.message_hub.update_info(_KEY, self._state)

    def _note_cost(self) -> None:
        """Count time and memory up to now."""
        now = time.monotonic()
        self._state['seconds'] += now - self._last_noted
        self._last_noted = now
        self._state['peak_memory'] = max(self._state['peak_memory'], memory_peak())

    def _write(
        self, runner: Runner, status: str, reason: str | None = None, message: str = ''
    ) -> None:
        """Write the result, in the main process, and end the attempt that this hook began."""
        if not is_main_process():
            return
        result = Result(
            network=self.network,
            seed=runner.seed,
            recipe=self.recipe,
            recipe_digest=self.recipe_digest,
            complexity=self.complexity,
            status=status,
            reason=reason,
            message=message,
            metric=self._state.get('metric'),
            unit=self._state.get('unit', PERCENT),
            **curve_summary(self._state['curve']),
            seconds=round(self._state['seconds'], 3),
            peak_memory=self._state['peak_memory'],
            device=device(),
            versions=versions(),
            attempts=max(1, len(attempts_of(self._folder))),
        )
        result.write(self._folder)
        if self._attempt is not None:
            self._ended.set()
            self._attempt.end('finished')

    def _tell_sometimes(self, runner: Runner) -> None:
        """Tell how far the training is, about once in a `BEAT`, however short its epochs are.

        Each word is several operations of a file system that many trainings may share.
        """
        if time.monotonic() - self._last_told >= self._tell_every:
            self._tell(runner)

    def _tell(self, runner: Runner) -> None:
        """Write how far the training is, in the main process."""
        if not is_main_process():
            return
        self._last_told = time.monotonic()
        RunFolder(self._folder).tell(_fraction_done(runner), runner.train_loop.iter)


def mean_over_processes(loss: torch.Tensor | float) -> float:
    """The mean of the losses that the processes of a training have: each saw other images."""
    mean = torch.tensor(float(loss), dtype=torch.float64)
    all_reduce(mean, 'mean')
    return float(mean)


def _by_epoch(runner: Runner) -> bool:
    """Whether a training counts epochs, not iterations."""
    return isinstance(runner.train_loop, EpochBasedTrainLoop)


def _fraction_done(runner: Runner) -> float:
    """How much of a training is done, from 0 to 1."""
    loop = runner.train_loop
    if not _by_epoch(runner):
        return loop.iter / loop.max_iters
    batches = len(loop.dataloader)
    epochs = loop.epoch + loop.iter % batches / batches
    return epochs / loop.max_epochs
