"""What a run of a population leaves behind: its progress while it trains, its result at the end."""

import json
import math
import os
import platform
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import mmcv
import mmengine
import numpy as np
import torch
from mmengine.dist import all_reduce, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop

from regnet_plugin import __version__
from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there, replace
from regnet_plugin.population.attempts import (
    BEAT,
    TOKEN,
    attempts_of,
    begin_attempt,
    watch_until_known,
)
from regnet_plugin.population.results import Result, curve_summary
from regnet_plugin.population.run_layout import PROGRESS, RESULT
from regnet_plugin.registry import HOOKS
from regnet_plugin.training.config.error_rule import error_rule
from regnet_plugin.training.hooks.resumption import checkpoint_follows
from regnet_plugin.training.memory import memory_peak, reset_memory_peak

_KEY = 'regnet_plugin.result'  # in the message hub, which checkpoints carry
_CHECK_EVERY = 50  # iterations; asking a GPU for the loss waits for it


class FailureNoted(UserError):
    """A training cannot go on, and its result says why."""


class Diverged(FailureNoted):
    """The loss is no number any more."""


class WrongMetric(FailureNoted):
    """An evaluation gave nothing that an error can be made of."""


_REASONS = {Diverged: 'diverged', WrongMetric: 'wrong metric'}


@HOOKS.register_module()
class ResultHook(Hook):
    """Write ``progress.json`` while a run trains and ``result.json`` when it ended or diverged, in
    its folder.

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

    def __init__(self, network, recipe, recipe_digest, complexity):
        self.identity = dict(
            network=network, recipe=recipe, recipe_digest=recipe_digest, complexity=dict(complexity)
        )
        self._attempt, self._ended = None, threading.Event()
        self._told = self._since = 0.0
        self._loss, self._count = 0.0, 0

    def before_train(self, runner):
        self._folder = Path(runner.work_dir)
        with blame(str(self._folder)):
            self._rule = error_rule(runner.cfg)
        if TOKEN not in os.environ and is_main_process():
            self._take()
        self._state = runner.message_hub.runtime_info.get(_KEY) or dict(
            curve=[], seconds=0.0, peak_memory=0
        )
        self._loss, self._count = self._state.pop('unfinished', (0.0, 0))
        runner.message_hub.update_info(_KEY, self._state)
        self._since = time.monotonic()
        reset_memory_peak()
        self._tell(runner)

    def _take(self):
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
        threading.Thread(target=self._touch, daemon=True).start()

    def _touch(self):
        """Show that this process lives, also in an evaluation of minutes, for as long as it does."""
        while not self._ended.wait(BEAT):
            # of a server that does not answer: the next beat may come through
            with suppress(OSError):
                self._attempt.touch()

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if 'loss' in (outputs or {}):
            self._loss, self._count = (
                self._loss + outputs['loss'].detach().double(),
                self._count + 1,
            )
        if self.every_n_inner_iters(batch_idx, _CHECK_EVERY):
            self._check(runner)
        if self._count and checkpoint_follows(runner):
            self._loss = self._over_processes(self._loss)
        self._tell_sometimes(runner)

    def after_val_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self._tell_sometimes(runner)

    def after_train_epoch(self, runner):
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            # the loop counts it after the hooks
            self._note(runner, runner.epoch + 1, **self._mean_loss(runner))
        self._tell(runner)

    def after_val_epoch(self, runner, metrics=None):
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        step, loss = (runner.epoch, {}) if by_epoch else (runner.iter, self._mean_loss(runner))
        try:
            found = self._rule.measured(metrics or {}, self._state.get('metric'))
        except ValueError as error:
            self._fail(
                runner, WrongMetric, f'{error}, after {"epoch" if by_epoch else "iteration"} {step}'
            )
        self._state.update(metric=found.metric, unit=found.unit)
        self._note(runner, step, error=found.error, **loss)
        self._tell(runner)

    def after_train(self, runner):
        self._note_cost()
        self._write(runner, status='done')

    def before_save_checkpoint(self, runner, checkpoint):
        """Also what is not in the curve yet, where checkpoints are written between two evaluations."""
        self._note_cost()
        state = dict(self._state, curve=[dict(row) for row in self._state['curve']])
        if self._count:
            state['unfinished'] = (float(self._loss), self._count)
        checkpoint['message_hub']['runtime_info'][_KEY] = state

    def _mean_loss(self, runner):
        self._check(runner)
        if not self._count:
            return {}
        loss = self._over_processes(self._loss / self._count)
        self._loss, self._count = 0.0, 0
        return dict(loss=loss)

    @staticmethod
    def _over_processes(loss):
        loss = torch.tensor(float(loss), dtype=torch.float64)
        all_reduce(loss, 'mean')
        return float(loss)

    def _check(self, runner):
        if math.isfinite(float(self._loss)):
            return
        self._fail(
            runner,
            Diverged,
            f'the loss is {float(self._loss)} in epoch {runner.epoch + 1}, iteration '
            f'{runner.iter + 1}',
        )

    def _fail(self, runner, kind, message):
        self._note_cost()
        self._write(runner, status='failed', reason=_REASONS[kind], message=message)
        raise kind(f'{self._folder}: {message}')

    def _note(self, runner, step, **values):
        """Add to the curve's row of this step; one that was noted again after a resumption is the
        same.
        """
        curve = self._state['curve']
        if not curve or curve[-1]['epoch'] != step:
            curve.append(dict(epoch=step))
        curve[-1].update(values)
        self._note_cost()
        runner.message_hub.update_info(_KEY, self._state)

    def _note_cost(self):
        now = time.monotonic()
        self._state['seconds'] += now - self._since
        self._since = now
        self._state['peak_memory'] = max(self._state['peak_memory'], memory_peak())

    def _write(self, runner, **values):
        if not is_main_process():
            return
        measured = {name: self._state[name] for name in ('metric', 'unit') if name in self._state}
        result = Result(
            **self.identity,
            **measured,
            seed=runner.seed,
            seconds=round(self._state['seconds'], 3),
            peak_memory=self._state['peak_memory'],
            **curve_summary(self._state['curve']),
            **circumstances(self._folder),
            **values,
        )
        result.write(self._folder)
        if self._attempt:
            self._ended.set()
            self._attempt.end('finished')

    def _tell_sometimes(self, runner):
        if time.monotonic() - self._told > BEAT / 2:
            self._tell(runner)

    def _tell(self, runner):
        if not is_main_process():
            return
        self._told = time.monotonic()
        loop = runner.train_loop
        done = (
            loop.epoch + loop.iter % len(loop.dataloader) / len(loop.dataloader)
            if isinstance(loop, EpochBasedTrainLoop)
            else loop.iter
        )
        last = loop.max_epochs if isinstance(loop, EpochBasedTrainLoop) else loop.max_iters
        replace(
            self._folder / PROGRESS,
            json.dumps(dict(fraction=round(done / last, 4), iteration=loop.iter, time=time.time()))
            + '\n',
        )


def circumstances(folder):
    """Entries of a `Result` that say where it was made."""
    versions = dict(
        regnet_plugin=__version__,
        torch=torch.__version__,
        mmengine=mmengine.__version__,
        mmcv=mmcv.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )
    return dict(device=device(), versions=versions, attempts=max(1, len(attempts_of(folder))))


def device():
    """Name what the training runs on."""
    return (
        processor()
        if torch.cuda.is_available()
        else f'{processor()}, {torch.get_num_threads()} threads'
    )


def processor():
    """Name the GPU, or the CPU where there is none."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    try:
        return re.search(r'model name\s*: (.+)', Path('/proc/cpuinfo').read_text())[1]
    except (OSError, TypeError):
        return platform.processor()
