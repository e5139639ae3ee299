"""What the engine of populations costs beside a bare loop: tools/benchmark_population.py."""

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from regnet_plugin.benchmarks.populations.bare_loop import train_bare
from regnet_plugin.benchmarks.populations.engine_parts import PARTS, timed_parts
from regnet_plugin.population.runs.results import read_result
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.store import Population
from regnet_plugin.training.populations.run_configs import write_configs
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.workers.trainee import Trainee
from regnet_plugin.training.workers.trainee_reply import DONE


@dataclass(frozen=True)
class Overhead:
    """A network that was trained both ways.

    Attributes:
        name: of the run.
        engine_seconds: that MMEngine's Runner with hooks, logs, checkpoints and the result took.
        bare_loop_seconds: that the bare loop took.
        engine_error: in percent after the last epoch.
        bare_loop_error: likewise, by which one sees that both learn the same.
        engine_parts: seconds of the engine by part of `PARTS`.
    """

    name: str
    engine_seconds: float
    bare_loop_seconds: float
    engine_error: float
    bare_loop_error: float
    engine_parts: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """The engine's time by the bare loop's."""
        return self.engine_seconds / self.bare_loop_seconds


def engine_overheads(
    population: Population,
    recipe: str,
    networks: Sequence[str] | None,
    rounds: int,
    options: dict[str, Any] | None = None,
) -> Iterator[Overhead]:
    """Train networks by the engine and by the bare loop, in turn, in this process.

    Args:
        population: whose networks they are.
        recipe: path of the config that says how.
        networks: their numbers; None is all.
        rounds: how often each is trained each way.
        options: settings of the recipe that are replaced.

    Yields:
        The times of a network, after each training both ways.
    """
    trainee = Trainee('none')
    with tempfile.TemporaryDirectory() as folder:
        runs = prepare_runs(population, recipe, names=networks, options=options, out=folder)
        for number in range(rounds):
            for run in runs:
                yield _train_both_ways(trainee, run, engine_first=number % 2 == 0)


def _train_both_ways(trainee: Trainee, run: Run, engine_first: bool) -> Overhead:
    """Train a run by the engine and by the bare loop; who is first has the colder caches."""
    path = _write_afresh(run)

    def by_engine() -> float:
        outcome = trainee.train(run.folder)
        if outcome['outcome'] != DONE:
            raise RuntimeError(json.dumps(outcome))
        result = read_result(run.folder)
        assert result is not None and result.last_error is not None  # what is done has both
        return result.last_error

    def by_bare_loop() -> float:
        return train_bare(Config.fromfile(path))

    if engine_first:
        with timed_parts() as parts:
            engine = _timed(by_engine)
        bare_loop = _timed(by_bare_loop)
    else:
        bare_loop = _timed(by_bare_loop)
        with timed_parts() as parts:
            engine = _timed(by_engine)
    return Overhead(
        run.name,
        engine_seconds=engine.seconds,
        bare_loop_seconds=bare_loop.seconds,
        engine_error=engine.error,
        bare_loop_error=bare_loop.error,
        engine_parts=parts,
    )


class _Training(NamedTuple):
    """What became of a training: how long it took, and the error in percent."""

    seconds: float
    error: float


def _timed(train: Callable[[], float]) -> _Training:
    """Time a training that gives its error."""
    start = time.perf_counter()
    error = train()
    return _Training(time.perf_counter() - start, error)


def _write_afresh(run: Run) -> Path:
    """Write the config of a run that is as if it had never been trained; return its path.

    Writing it is the engine's work, and fast enough not to matter.
    """
    shutil.rmtree(run.folder)
    run.folder.mkdir()
    return write_configs([run])[0]


def median_ratio(overheads: Sequence[Overhead]) -> float:
    """Median over trainings of the engine's time by the bare loop's."""
    return statistics.median(overhead.ratio for overhead in overheads)


def median_shares(overheads: Sequence[Overhead]) -> dict[str, float]:
    """Median over trainings of each part's share of the engine's time, by part of `PARTS`."""
    return {
        part: statistics.median(
            overhead.engine_parts[part] / sum(overhead.engine_parts.values())
            for overhead in overheads
        )
        for part in PARTS
    }
