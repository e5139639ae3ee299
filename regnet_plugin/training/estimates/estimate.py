"""What the training of a population will cost, told before it begins: flops and time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.results import (
    OtherFormat,
    Result,
    read_result,
    read_result_or_failure,
)
from regnet_plugin.population.run_layout import run_names_in
from regnet_plugin.population.runs.run import Run, cost
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.loaders import TRAINING_LOADERS
from regnet_plugin.training.estimates.step_timing import PASSES_PER_STEP, time_steps
from regnet_plugin.training.estimates.workload import Workload, workload
from regnet_plugin.training.workers.circumstances import device
from regnet_plugin.training.workers.gpus import networks_at_a_time, visible_gpus
from regnet_plugin.training.workers.training_processes import THREADS


@dataclass(frozen=True)
class Cost:
    """What one run costs.

    Attributes:
        run: which one.
        flops: multiply-adds of its training: 3 x forward x images x epochs; None if the data is
            not here.
        seconds: from its beginning, or from where it stands; None likewise.
    """

    run: Run
    flops: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Estimate:
    """What the training of some runs costs.

    Attributes:
        done, failed: how many runs need no training.
        costs: of the others, in the order in which they are trained.
        workers: that share them.
        basis: where the time is from, or why there is none.
    """

    done: int
    failed: int
    costs: tuple[Cost, ...]
    workers: int
    basis: str

    @property
    def flops(self) -> int | None:
        """Multiply-adds of all runs; None if those of one are not known."""
        flops = [each.flops for each in self.costs if each.flops is not None]
        return sum(flops) if len(flops) == len(self.costs) else None

    @property
    def seconds(self) -> float | None:
        """Seconds until the last run ends; None if those of one are not known.

        Whichever worker is free takes the next run.
        """
        seconds = [each.seconds for each in self.costs if each.seconds is not None]
        if len(seconds) < len(self.costs):
            return None
        free = [0.0] * self.workers  # when each worker is free, a heap
        for each in seconds:
            heapreplace(free, free[0] + each)
        return max(free)


@dataclass(frozen=True)
class _Times:
    """How long runs take from their beginning to their end.

    Attributes:
        seconds: by the name of the run.
        basis: what they are from, in words.
    """

    seconds: Mapping[str, float]
    basis: str


def estimate_training(
    runs: Sequence[Run],
    recipe: Config,
    *,
    workers: int | None = None,
    processes: int = 1,
    retry_failed: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Estimate:
    """Estimate what it costs to train runs, on this machine.

    The time is that of the runs of this recipe that ended here, in proportion to their costs, or
    else of some steps of three networks, the cheapest, the median and the costliest, begun as runs
    are; those between take a time between. Evaluated images count a third of trained ones, and what
    else happens between epochs, such as saving, is left out.

    Args:
        runs: of one recipe, in the order in which they are trained.
        recipe: theirs.
        workers: networks trained at a time. Default: None, see `networks_at_a_time`.
        processes: that train a network together. Default: 1.
        retry_failed: count failed runs as to be trained. Default: False.
        say: told what takes some seconds.

    Returns:
        Estimate: without flops and times where the recipe's data is not here.

    Raises:
        UserError: if a network and the recipe do not fit, or do not train.
    """
    results = {run.name: _result_in(run.folder, run.counts) for run in runs}
    done, failed = _names_with(results, 'done'), _names_with(results, 'failed')
    ended = done if retry_failed else done | failed
    left = [run for run in runs if run.name not in ended]
    workers = workers or networks_at_a_time(len(visible_gpus()), processes)
    if not torch.cuda.is_available():
        torch.set_num_threads(THREADS)  # as the workers' processes
    try:
        check_data(recipe, 'no time can be told', TRAINING_LOADERS)
    except UserError as missing:
        costs = tuple(Cost(run) for run in left)
        basis = str(missing)
    else:
        say("counting the recipe's images")
        load = workload(recipe)
        times = _times(runs, left, recipe, load, processes, say)
        costs = tuple(_cost_of(run, load, times) for run in left)
        basis = times.basis
    return Estimate(len(done), len(ended) - len(done), costs, workers, basis)


def _names_with(results: Mapping[str, Result | None], status: str) -> set[str]:
    """The names of the runs that ended so."""
    return {name for name, result in results.items() if result and result.status == status}


def _cost_of(run: Run, load: Workload, times: _Times) -> Cost:
    """The flops of a whole training, and the seconds of what is left of it."""
    flops = PASSES_PER_STEP * run.network.sample.complexity.flops * load.trained
    fraction_left = 1 - run.progress.get('fraction', 0.0)
    return Cost(run, flops, times.seconds[run.name] * fraction_left)


def _result_in(folder: Path, counts: Mapping[str, int] | None = None) -> Result | None:
    """The result that the folder of a run keeps; None if there is none, or it is trained again."""
    try:
        return read_result(folder, counts)
    except OtherFormat:  # it stays
        return read_result_or_failure(folder, counts)
    except ValueError:  # it will be put aside, and the run trained again
        return None


def _times(
    runs: Sequence[Run],
    left: Sequence[Run],
    recipe: Config,
    load: Workload,
    processes: int,
    say: Callable[[str], None],
) -> _Times:
    """How long the runs take that are left: as those that ended here, or else by timed steps."""
    ended = _runs_that_ended_here(runs[0].folder.parent) if runs else []
    if ended:
        seconds_per_cost = sum(each.seconds for each in ended) / sum(each.cost for each in ended)
        seconds = {run.name: seconds_per_cost * run.cost for run in left}
        basis = f'{counted(len(ended), "run")} of this recipe that ended on this machine'
        return _Times(seconds, basis)
    if not left:
        return _Times({}, '')
    return _timed(left, recipe, load, processes, say)


@dataclass(frozen=True)
class _Ended:
    """A run that ended well.

    Attributes:
        seconds: that it took.
        cost: see `population.runs.cost`.
    """

    seconds: float
    cost: float


def _runs_that_ended_here(folder: Path) -> list[_Ended]:
    """The runs of a recipe that ended well on a machine like this, whatever their seeds."""
    ended = []
    here = device()
    for name in run_names_in(folder):
        result = _result_in(folder / name.folder)
        if result is None or result.status != 'done' or result.device != here:
            continue
        counts = result.complexity
        if result.seconds and 'flops' in counts and 'activations' in counts:
            ended.append(_Ended(result.seconds, cost(counts['flops'], counts['activations'])))
    return ended


def _timed(
    runs: Sequence[Run],
    recipe: Config,
    load: Workload,
    processes: int,
    say: Callable[[str], None],
) -> _Times:
    """How long runs take by steps of the cheapest, the median and the costliest network.

    Args:
        runs: one at least.
        recipe: theirs.
        load: of each run.
        processes: that train a network together.
        say: told which network is timed.
    """
    chosen = _cheapest_median_costliest(runs)
    timings = []
    for number, run in enumerate(chosen, 1):
        say(f'timing steps of network {run.network.name}, {number} of {len(chosen)}')
        timings.append(time_steps(run, recipe))
    # Forward passes are evaluated images; a step is as many of them as PASSES_PER_STEP.
    images = (load.trained + load.evaluated / PASSES_PER_STEP) / processes
    start = min(timing.start for timing in timings)
    costs = [run.cost for run in chosen]
    per_image = [timing.seconds_per_image for timing in timings]
    seconds = {
        run.name: start + images * float(np.interp(run.cost, costs, per_image)) for run in runs
    }
    names = ', '.join(run.network.name for run in chosen)
    batches = ' and '.join(str(batch) for batch in sorted({timing.batch for timing in timings}))
    return _Times(seconds, f'steps of {names}, timed now at a batch of {batches}')


def _cheapest_median_costliest(runs: Sequence[Run]) -> list[Run]:
    """Three of the runs, by their cost; fewer where these are of one network."""
    by_cost = sorted(runs, key=lambda run: run.cost)
    chosen: dict[str, Run] = {}
    for run in (by_cost[0], by_cost[len(by_cost) // 2], by_cost[-1]):
        chosen[run.network.name] = run
    return list(chosen.values())
