"""How long a step of a training takes: measured in a training that is begun and broken off."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import numpy as np
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner

from regnet_plugin.cli.errors import blame
from regnet_plugin.population.runs.layout import CONFIG
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.run import Run
from regnet_plugin.registry import HOOKS
from regnet_plugin.training.arguments import parse_train_arguments
from regnet_plugin.training.memory import memory_peak, reset_memory_peak
from regnet_plugin.training.populations.run_configs import RunConfigs
from regnet_plugin.training.sharing.shared_runner import SharingRunner
from regnet_plugin.training.trainer import train
from regnet_plugin.training.training_config import training_config
from regnet_plugin.training.workers.trainee import reset

# A training step costs as much as this many forward passes: one forward, and two for the gradients
# of inputs and weights.
PASSES_PER_STEP = 3
# Steps that do not count, since the first ones also allocate memory and choose algorithms.
_WARM_UP_STEPS = 2
# Steps are timed until there are as many as _MOST_STEPS, or, after _LEAST_STEPS, until as many
# seconds have passed: enough for a median, and a person waits for it.
_LEAST_STEPS, _MOST_STEPS, _MOST_SECONDS = 3, 20, 3.0
# Multiply-adds of a timed step on a CPU, at most, which are some seconds. The batch is reduced to
# that: the time per image hardly depends on the batch there.
_MOST_FLOPS_ON_CPU = 5e10


class Timed(Exception):
    """A training was timed long enough.

    Args:
        start: seconds from the reading of the config to the first step.
        steps: seconds of the steps, in order, of which the first ones do not count.
        batch: images of a step.
        memory: bytes before the first step, and at most; on a GPU PyTorch's, else the process's.

    Attributes:
        seconds_per_image: of a step, in the median.
    """

    def __init__(
        self, start: float, steps: Sequence[float], batch: int, memory: tuple[int, int]
    ) -> None:
        super().__init__(start, steps, batch, memory)
        self.start, self.batch, self._memory = start, batch, memory
        self.seconds_per_image = statistics.median(steps[_WARM_UP_STEPS:] or steps) / batch

    def memory(self, batch: int) -> int:
        """Return the bytes that the training takes at a batch: what grows does so with it."""
        before, peak = self._memory
        return before + round((peak - before) * batch / self.batch)


@HOOKS.register_module()
class StepTimer(Hook):
    """Raise `Timed` in a training as soon as enough of its steps are timed, data loading included.

    Args:
        started (float): when the config was read, by the monotonic clock.
    """

    priority = 'VERY_LOW'

    def __init__(self, started: float) -> None:
        self.started = started
        self.times: list[float] = []  # of the begin of the first step, and of the end of each
        self.memory_before = 0

    def before_train_epoch(self, runner: Runner) -> None:
        """Begin to time, in the first epoch."""
        if not self.times:
            reset_memory_peak()
            self.memory_before = memory_peak()
            self.times.append(time.monotonic())

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Time a step.

        Raises:
            Timed: if it was the last one.
        """
        self.times.append(time.monotonic())
        steps = len(self.times) - 1
        if steps >= _WARM_UP_STEPS + _MOST_STEPS:
            self._end(runner)
        if steps >= _WARM_UP_STEPS + _LEAST_STEPS:
            if self.times[-1] - self.times[_WARM_UP_STEPS] > _MOST_SECONDS:
                self._end(runner)

    def after_train(self, runner: Runner) -> None:
        """End where the training has fewer steps.

        Raises:
            Timed: always.
        """
        self._end(runner)

    def _end(self, runner: Runner) -> NoReturn:
        raise Timed(
            self.times[0] - self.started,
            np.diff(self.times).tolist(),
            runner.cfg.train_dataloader.batch_size,
            (self.memory_before, memory_peak()),
        )


def time_steps(run: Run, recipe: Config) -> Timed:
    """Begin to train a run, in a folder that is thrown away, until some steps are timed.

    On a CPU the batch is reduced where a step would take long.

    Args:
        run: which network, and seed.
        recipe: how.

    Returns:
        Timed: how long it took.

    Raises:
        UserError: if network and recipe do not fit, or the training fails.
    """
    with TemporaryDirectory() as folder, blame(f'network {run.network.name}'):
        elsewhere = replace(run, folder=Path(folder, run.folder.parent.name, run.name))
        elsewhere.folder.mkdir(parents=True)
        keep_recipe(elsewhere.folder.parent, recipe.pretty_text)
        RunConfigs(elsewhere.folder.parent).write(elsewhere)
        path = str(elsewhere.folder / CONFIG)
        started = time.monotonic()
        config = training_config(parse_train_arguments([path]))
        if not torch.cuda.is_available():
            _reduce_batch(config, run.network.sample.complexity.flops)
        config.custom_hooks.append(dict(type='regnet_plugin.StepTimer', started=started))
        config.log_level = 'ERROR'
        try:
            train(config, path, SharingRunner)
        except Timed as timed:
            return timed
        finally:
            reset()
        raise RuntimeError('a training must end in StepTimer.after_train')


def _reduce_batch(config: Config, flops: int) -> None:
    """Let a step of a training have at most `_MOST_FLOPS_ON_CPU`; batch norm needs two images."""
    most = max(2, int(_MOST_FLOPS_ON_CPU / (PASSES_PER_STEP * flops)))
    config.train_dataloader.batch_size = min(config.train_dataloader.batch_size, most)
