"""What the training of a population will cost, told before it begins: flops and time, without
training anything.
"""

import statistics
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional, Tuple

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.registry import DefaultScope

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.results import OtherFormat, read_result
from regnet_plugin.population.run_layout import CONFIG, run_names_in
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.run import Run, RunFolder, cost
from regnet_plugin.registry import HOOKS
from regnet_plugin.training.arguments import parse_train_arguments
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.loaders import import_datasets
from regnet_plugin.training.populations.gpus import visible_gpus
from regnet_plugin.training.populations.result_hook import device
from regnet_plugin.training.populations.run_configs import RunConfigs
from regnet_plugin.training.populations.trainee import reset
from regnet_plugin.training.shared_runner import SharingRunner
from regnet_plugin.training.trainer import train
from regnet_plugin.training.training_config import training_config

# a training step costs so many forward passes: one forward, and two for the gradients of inputs and
# weights
BACKWARD = 3
# steps that do not count; that count, at most, or until so many seconds have passed
_WARM, _STEPS, _SECONDS = 2, 20, 3.0
# flops of a timed step on a CPU, at most: seconds; the time per image hardly depends on the batch
# there
_CPU_STEP = 5e10


@dataclass(frozen=True)
class Cost:
    """What one run costs.

    Attributes:
        run (Run): which one.
        flops (int, optional): multiply-adds of its training: 3 x forward x images x epochs; None if
            the data is not here.
        seconds (float, optional): from its beginning, or from where it stands; None likewise.
    """

    run: Run
    flops: Optional[int] = None
    seconds: Optional[float] = None


@dataclass(frozen=True)
class Estimate:
    """What the training of some runs costs.

    Attributes:
        done, failed (int): runs that need no training.
        costs (tuple[Cost]): of the others, in the order in which they are trained, costliest first.
        workers (int): that share them.
        basis (str): where the time is from, or why there is none.
    """

    done: int
    failed: int
    costs: Tuple[Cost, ...]
    workers: int
    basis: str

    @property
    def flops(self):
        return (
            None
            if any(each.flops is None for each in self.costs)
            else sum(each.flops for each in self.costs)
        )

    @property
    def seconds(self):
        """Until the last run ends: as long as the longest, or as all of them shared among the
        workers.
        """
        seconds = [each.seconds for each in self.costs]
        return None if None in seconds else max([sum(seconds) / self.workers, *seconds])


@dataclass(frozen=True)
class Workload:
    """Images that a recipe shows a network, those of an epoch counted again in the next.

    Attributes:
        trained, evaluated (int): in all epochs and in all evaluations.
    """

    trained: int
    evaluated: int


def estimate_training(
    runs, recipe, *, workers=None, processes=1, retry_failed=False, say=lambda text: None
):
    """Estimate what it costs to train runs, on this machine.

    The time is that of the runs of this recipe that ended here, in proportion to their costs, or
    else of some steps of three networks, the cheapest, the median and the costliest, begun as runs
    are; those between take a time between. Evaluated images count a third of trained ones, and what
    else happens between epochs, such as saving, is left out.

    Args:
        runs (Sequence[Run]): of one recipe, costliest first.
        recipe (mmengine.Config): theirs.
        workers (int, optional): networks trained at a time. Default: None, as `LocalLauncher`.
        processes (int): that train a network together. Default: 1.
        retry_failed (bool): count failed runs as to be trained. Default: False.
        say (Callable[[str], None]): told what takes some seconds.

    Returns:
        Estimate: without flops and times where the recipe's data is not here.

    Raises:
        UserError: if a network and the recipe do not fit, or do not train.
    """
    results = {run.name: _result_of(run) for run in runs}
    failed = [run for run in runs if results[run.name] and results[run.name].status == 'failed']
    done = [run for run in runs if results[run.name] and results[run.name].status == 'done']
    left = [run for run in runs if run not in done and (retry_failed or run not in failed)]
    workers = workers or max(1, len(visible_gpus()) // processes)
    counts = dict(done=len(done), failed=0 if retry_failed else len(failed), workers=workers)
    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # as the workers' processes
    try:
        check_data(recipe, 'no time can be told', ('train_dataloader', 'val_dataloader'))
    except UserError as missing:
        return Estimate(**counts, costs=tuple(map(Cost, left)), basis=str(missing))
    say("counting the recipe's images")
    load = workload(recipe)
    per_cost, count = _speed(runs[0].folder.parent) if runs else (None, 0)
    if count:
        seconds = {run.name: per_cost * run.cost for run in left}
        basis = f'{counted(count, "run")} of this recipe that ended on this machine'
    else:
        seconds, basis = _timed(left, recipe, load, processes, say) if left else ({}, '')
    costs = tuple(
        Cost(
            run,
            BACKWARD * run.network.sample.complexity.flops * load.trained,
            seconds[run.name] * (1 - run.progress.get('fraction', 0.0)),
        )
        for run in left
    )
    return Estimate(**counts, costs=costs, basis=basis)


def _result_of(run):
    try:
        return read_result(run.folder, run.counts)
    except OtherFormat:  # it stays
        return run.result()
    except ValueError:  # it will be put aside, and the run trained again
        return None


def _speed(folder):
    """Seconds per unit of cost of all runs of a recipe that ended well on a machine like this, and
    how many they are.
    """
    results = [_result_of(RunFolder(folder / name.folder)) for name in run_names_in(folder)]
    here = [
        result
        for result in results
        if result
        and result.status == 'done'
        and result.seconds
        and result.device == device()
        and {'flops', 'activations'} <= set(result.complexity)
    ]
    costs = [cost(result.complexity['flops'], result.complexity['activations']) for result in here]
    return (sum(result.seconds for result in here) / sum(costs), len(here)) if here else (None, 0)


def workload(recipe):
    """Count the images of a recipe, for which its datasets are built.

    Returns:
        Workload: of one run.
    """
    import_datasets(recipe.get('default_scope'))
    with (
        blame('the recipe'),
        DefaultScope.overwrite_default_scope(recipe.get('default_scope') or 'mmengine'),
    ):
        training, evaluation = (
            recipe.get(name) and SharingRunner.build_dataloader(recipe[name], seed=0)
            for name in ('train_dataloader', 'val_dataloader')
        )
        settings = recipe.train_cfg
        epochs = settings.get('max_epochs')
        length = epochs if epochs else settings.max_iters
        trained = (
            epochs * len(training.dataset)
            if epochs
            else settings.max_iters * recipe.train_dataloader.batch_size
        )
        evaluations = length // settings.get('val_interval', 1) if evaluation else 0
        return Workload(trained, evaluations * len(evaluation.dataset) if evaluation else 0)


def _timed(runs, recipe, load, processes, say):
    """Seconds by run, and what they are from."""
    chosen = list(
        {run.network.name: run for run in (runs[-1], runs[len(runs) // 2], runs[0])}.values()
    )
    timings = []
    for number, run in enumerate(chosen, 1):
        say(f'timing steps of network {run.network.name}, {number} of {len(chosen)}')
        timings.append(time_steps(run, recipe))
    costs, per_image = (
        [run.cost for run in chosen],
        [timing.seconds_per_image for timing in timings],
    )
    images = (load.trained + load.evaluated / BACKWARD) / processes
    start = min(timing.start for timing in timings)
    seconds = {
        run.name: start + images * float(np.interp(run.cost, costs, per_image)) for run in runs
    }
    batches = sorted({timing.batch for timing in timings})
    names = ', '.join(run.network.name for run in chosen)
    return seconds, f'steps of {names}, timed now at a batch of {" and ".join(map(str, batches))}'


class Timed(Exception):
    """A training was timed long enough.

    Args:
        start (float): seconds from the reading of the config to the first step.
        steps (Sequence[float]): seconds of steps, of which the first ones do not count.
        batch (int): images of a step.
    """

    def __init__(self, start, steps, batch):
        super().__init__(start, steps, batch)
        self.start, self.batch = start, batch
        self.seconds_per_image = statistics.median(steps[_WARM:] or steps) / batch


@HOOKS.register_module()
class StepTimer(Hook):
    """Raise `Timed` in a training as soon as enough of its steps are timed, data loading included.

    Args:
        started (float): when the config was read, by the monotonic clock.
    """

    priority = 'VERY_LOW'

    def __init__(self, started):
        self.started, self.times = started, []

    def before_train_epoch(self, runner):
        self.times = self.times or [time.monotonic()]

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.times.append(time.monotonic())
        enough = len(self.times) > _WARM + 3 and self.times[-1] - self.times[_WARM] > _SECONDS
        if enough or len(self.times) > _WARM + _STEPS:
            self.after_train(runner)

    def after_train(self, runner):
        raise Timed(
            self.times[0] - self.started,
            np.diff(self.times).tolist(),
            runner.cfg.train_dataloader.batch_size,
        )


def time_steps(run, recipe):
    """Begin to train a run, in a folder that is thrown away, until some steps are timed.

    On a CPU the batch is reduced where a step would take long.

    Args:
        run (Run): which network, and seed.
        recipe (mmengine.Config): how.

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
            most = max(2, int(_CPU_STEP / (BACKWARD * run.network.sample.complexity.flops)))
            config.train_dataloader.batch_size = min(config.train_dataloader.batch_size, most)
        config.custom_hooks.append(dict(type='regnet_plugin.StepTimer', started=started))
        config.log_level = 'ERROR'
        try:
            train(config, path, SharingRunner)
        except Timed as timed:
            return timed
        finally:
            reset()


def estimate_text(estimate):
    """Lay out an estimate: how many runs, the costliest, the median and the cheapest of those to be
    trained, the sum.
    """
    costs = estimate.costs
    total = estimate.done + estimate.failed + len(costs)
    lines = [
        f'{counted(total, "run")}: {estimate.done:,} done, {estimate.failed:,} failed, '
        f'{len(costs):,} to be trained'
    ]
    if not costs:
        return lines[0]
    shown = {len(costs) // 2: 'median', len(costs) - 1: 'cheapest', 0: 'costliest'}
    rows = [('', 'run', 'flops/image', 'activations', 'training', 'time')]
    for place in sorted(shown):
        run, counts = costs[place].run, costs[place].run.network.sample.complexity
        rows.append(
            (
                shown[place],
                run.name,
                _flops(counts.flops),
                _prefixed(counts.activations),
                _flops(costs[place].flops),
                _time(costs[place].seconds),
            )
        )
    rows.append(('total', '', '', '', _flops(estimate.flops), _time(estimate.seconds)))
    width = max(len(name) for _, name, *_ in rows) + 4
    lines += [
        f'{label:<11}{name:<{width}}' + ''.join(f'{number:>12}' for number in numbers)
        for label, name, *numbers in rows
    ]
    lines[-1] += f'  {estimate.workers} at a time'
    lines += [
        'costliest first, as they are trained: by the square root of flops x activations',
        'flops are multiply-adds; training takes 3 x flops/image x images x epochs',
    ]
    lines += [estimate.basis if estimate.seconds is None else f'time: from {estimate.basis}']
    return '\n'.join(lines)


def _flops(count):
    """Such as 402 MF."""
    return '-' if count is None else f'{_prefixed(count)}F'


def _prefixed(count):
    """With three digits and a prefix, such as 3.14 M."""
    power = min(6, int(np.log10(max(count, 1)) // 3))
    return f'{count / 1000**power:.3g} {" KMGTPE"[power].strip()}'


def _time(seconds):
    return '-' if seconds is None else str(timedelta(seconds=round(seconds)))
