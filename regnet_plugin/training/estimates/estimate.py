"""What the training of a population will cost, told before it begins: flops and time."""

import math
import multiprocessing
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.wording import counted
from regnet_plugin.pool import in_turn
from regnet_plugin.population.runs.layout import run_names_in
from regnet_plugin.population.runs.results import (
    OtherFormat,
    Result,
    read_result,
    read_result_or_failure,
)
from regnet_plugin.population.runs.run import Run, cost
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.loaders import TRAINING_LOADERS
from regnet_plugin.training.estimates.step_timing import PASSES_PER_STEP, Timed, time_steps
from regnet_plugin.training.estimates.workload import Workload, workload
from regnet_plugin.training.memory import memory_to_train_in
from regnet_plugin.training.workers.circumstances import device
from regnet_plugin.training.workers.gpus import networks_at_a_time, visible_gpus
from regnet_plugin.training.workers.training_processes import THREADS

# Bytes of a GPU that a process takes beside PyTorch's tensors, for CUDA's context: half a GB, as
# is said; it was not measured here.
_CONTEXT = 500_000_000


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
class Memory:
    """What trainings take of the memory of a GPU, or of this machine where there is none.

    Attributes:
        network: bytes that the network takes which takes most, its process included.
        room: bytes that there are.
        beside: networks that are trained in it at a time.
    """

    network: int
    room: int
    beside: int

    @property
    def fit(self) -> int:
        """How many networks fit at a time."""
        return self.room // self.network


@dataclass(frozen=True)
class Estimate:
    """What the training of some runs costs.

    Attributes:
        done, failed: how many runs need no training.
        costs: of the others, in the order in which they are trained.
        workers: that share them.
        memory: None where it is not known.
        basis: where the time is from, or why there is none.
    """

    done: int
    failed: int
    costs: tuple[Cost, ...]
    workers: int
    memory: Memory | None
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
        memory: bytes that a run takes at most, see `memory_peak`; None where it is not known.
        basis: what they are from, in words.
    """

    seconds: Mapping[str, float]
    memory: int | None
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
    are, as many at a time as will share a GPU, or the machine; those between take a time between.
    Evaluated images count a third of trained ones, and what else happens between epochs, such as
    saving, is left out.

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
    gpus = len(visible_gpus())
    workers = workers or networks_at_a_time(gpus, processes)
    beside = math.ceil(min(workers, max(1, len(left))) / max(1, gpus // processes))
    if not torch.cuda.is_available():
        torch.set_num_threads(THREADS)  # as the workers' processes
    try:
        check_data(recipe, 'no time can be told', TRAINING_LOADERS)
    except UserError as missing:
        costs = tuple(Cost(run) for run in left)
        memory, basis = None, str(missing)
    else:
        say("counting the recipe's images")
        load = workload(recipe)
        times = _times(runs, left, recipe, load, processes, beside, say)
        costs = tuple(_cost_of(run, load, times) for run in left)
        basis = times.basis
        memory = None if times.memory is None else _memory(times.memory, beside)
    return Estimate(len(done), len(ended) - len(done), costs, workers, memory, basis)


def _memory(peak: int, beside: int) -> Memory:
    """What networks take of which one takes so many bytes, see `memory_peak`."""
    process = _CONTEXT if torch.cuda.is_available() else 0
    return Memory(network=peak + process, room=memory_to_train_in(), beside=beside)


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
    beside: int,
    say: Callable[[str], None],
) -> _Times:
    """How long the runs take that are left: as those that ended here, or else by timed steps."""
    ended = _runs_that_ended_here(runs[0].folder.parent) if runs else []
    if ended:
        seconds_per_cost = sum(each.seconds for each in ended) / sum(each.cost for each in ended)
        seconds = {run.name: seconds_per_cost * run.cost for run in left}
        basis = f'{counted(len(ended), "run")} of this recipe that ended on this machine'
        memory = _most_memory([(each.memory, each.activations) for each in ended], left)
        return _Times(seconds, memory, basis)
    if not left:
        return _Times({}, None, '')
    return _timed(left, recipe, load, processes, beside, say)


def _most_memory(measured: Sequence[tuple[int, float]], runs: Sequence[Run]) -> int | None:
    """The bytes that one of the runs takes at most; None where nothing was measured.

    Args:
        measured: bytes of networks, and their activations, which memory is in proportion to.
        runs: to be trained.
    """
    memory, activations = max(measured)
    most = max((run.network.counts['activations'] for run in runs), default=0)
    return round(memory * max(1.0, most / activations)) or None


@dataclass(frozen=True)
class _Ended:
    """A run that ended well.

    Attributes:
        seconds: that it took.
        cost: see `population.runs.cost`.
        memory: bytes that it took at most; 0 where that was not noted.
        activations: of its network.
    """

    seconds: float
    cost: float
    memory: int
    activations: int


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
            activations = counts['activations']
            ended.append(
                _Ended(
                    seconds=result.seconds,
                    cost=cost(counts['flops'], activations),
                    memory=result.peak_memory or 0,
                    activations=activations,
                )
            )
    return ended


def _timed(
    runs: Sequence[Run],
    recipe: Config,
    load: Workload,
    processes: int,
    beside: int,
    say: Callable[[str], None],
) -> _Times:
    """How long runs take by steps of the cheapest, the median and the costliest network.

    Args:
        runs: one at least.
        recipe: theirs.
        load: of each run.
        processes: that train a network together.
        beside: how many networks are trained side by side.
        say: told which networks are timed.
    """
    chosen = _cheapest_median_costliest(runs)
    names = ', '.join(run.network.name for run in chosen)
    say(f'timing steps of networks {names}, {beside} at a time')
    timings = _timings(chosen, recipe, beside)
    # Forward passes are evaluated images; a step is as many of them as PASSES_PER_STEP.
    images = (load.trained + load.evaluated / PASSES_PER_STEP) / processes
    start = min(timing.start for group in timings for timing in group)
    costs = [run.cost for run in chosen]
    per_image = [
        statistics.median(timing.seconds_per_image for timing in group) for group in timings
    ]
    seconds = {
        run.name: start + images * float(np.interp(run.cost, costs, per_image)) for run in runs
    }
    batch = recipe.train_dataloader.batch_size
    memory = _most_memory(
        [
            (timing.memory(batch), run.network.counts['activations'])
            for run, group in zip(chosen, timings, strict=True)
            for timing in group
        ],
        runs,
    )
    sizes = sorted({timing.batch for group in timings for timing in group})
    batches = ' and '.join(map(str, sizes))
    return _Times(seconds, memory, f'steps of {names}, timed now at a batch of {batches}')


def _timings(runs: Sequence[Run], recipe: Config, beside: int) -> list[list[Timed]]:
    """Time steps of runs, each in as many processes as there are trainings side by side.

    Each process is at another network than the others, most of the time.

    Returns:
        Of each run its timings, one where nothing is trained beside it.
    """
    if beside == 1:
        return [[time_steps(run, recipe)] for run in runs]
    places = [
        (turn + process) % len(runs) for turn in range(len(runs)) for process in range(beside)
    ]
    timings = in_turn(
        _time_steps,
        [(runs[place], recipe) for place in places],
        processes=beside,
        how='spawn',
        what='timing',
    )
    of_each: list[list[Timed]] = [[] for _ in runs]
    for place, timed in zip(places, timings, strict=True):
        of_each[place].append(timed)
    return of_each


def _time_steps(task: tuple[Run, Config]) -> Timed:
    """Time steps of a run, in a process that has as many threads as a worker's."""
    torch.set_num_threads(THREADS)
    # Nobody chose how loaders start their processes here: MMEngine would warn of another choice.
    multiprocessing.set_start_method(None, force=True)
    return time_steps(*task)


def _cheapest_median_costliest(runs: Sequence[Run]) -> list[Run]:
    """Three of the runs, by their cost; fewer where these are of one network."""
    by_cost = sorted(runs, key=lambda run: run.cost)
    chosen: dict[str, Run] = {}
    for run in (by_cost[0], by_cost[len(by_cost) // 2], by_cost[-1]):
        chosen[run.network.name] = run
    return list(chosen.values())
