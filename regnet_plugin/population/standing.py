"""How far the runs of a population are, as their files say."""

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from regnet_plugin.population.attempts import Attempt, attempts_of
from regnet_plugin.population.results import Result
from regnet_plugin.population.runs.run import Run

_LOOKS = 10  # in which each worker is seen at least once with a run: between two runs it has none


class RunningRun(NamedTuple):
    """A run that somebody trains.

    Attributes:
        run: which one.
        attempt: by whom.
        fraction: that is done, from 0 to 1.
    """

    run: Run
    attempt: Attempt
    fraction: float


class WaitingRun(NamedTuple):
    """A run that nobody trains now.

    Attributes:
        run: which one.
        fraction: that is done, from 0 to 1: above 0 of one that was interrupted.
    """

    run: Run
    fraction: float


@dataclass(frozen=True)
class Standing:
    """The runs of a recipe, by state.

    Attributes:
        done, failed: as they ended.
        running: that somebody trains.
        waiting: that nobody trains now.
        seconds_left: until all ended, if they go on as those that ended, as many at a time as
            lately; None before there is anything to judge by.
    """

    done: tuple[Result, ...]
    failed: tuple[Result, ...]
    running: tuple[RunningRun, ...]
    waiting: tuple[WaitingRun, ...]
    seconds_left: float | None = None

    @property
    def total(self) -> int:
        """Number of all runs."""
        return self.ended + len(self.running) + len(self.waiting)

    @property
    def best(self) -> Result | None:
        """The result with the least error after its last epoch, of equals the first network's.

        None if no training has an error.
        """
        rated = [result for result in self.done if result.last_error is not None]
        return min(rated, key=_place, default=None)

    @property
    def ended(self) -> int:
        """Number of runs that have a result."""
        return len(self.done) + len(self.failed)

    @property
    def noun(self) -> str:
        """What they are called: networks, or runs where networks are trained with several seeds."""
        seeds = {result.seed for result in (*self.done, *self.failed)}
        seeds.update(one.run.seed for one in self.running)
        seeds.update(one.run.seed for one in self.waiting)
        return 'network' if len(seeds) < 2 else 'run'


def _place(result: Result) -> tuple[float, str, int]:
    """What results are compared by; one without an error is worse than all others."""
    error = math.inf if result.last_error is None else result.last_error
    return error, result.network, result.seed


@dataclass
class Watch:
    """Looks at runs again and again; a result is read once.

    Args:
        runs: to look at.
    """

    runs: Sequence[Run]
    _results: dict[str, Result] = field(default_factory=dict)
    _at_a_time: deque[int] = field(default_factory=lambda: deque(maxlen=_LOOKS))

    def look(self) -> Standing:
        """Return the `Standing` of now.

        Raises:
            OSError: naming what cannot be read now.
        """
        running, waiting = [], []
        for run in self.runs:
            if self._has_ended(run):
                continue
            state = _state(run)
            if isinstance(state, RunningRun):
                running.append(state)
            else:
                waiting.append(state)
        self._at_a_time.append(len(running))
        results = [self._results[run.name] for run in self.runs if run.name in self._results]
        return Standing(
            done=tuple(result for result in results if result.status == 'done'),
            failed=tuple(result for result in results if result.status == 'failed'),
            running=tuple(running),
            waiting=tuple(waiting),
            seconds_left=self._seconds_left(running, waiting),
        )

    def _has_ended(self, run: Run) -> bool:
        """Whether a run has a result; one that is new is kept."""
        if run.name in self._results:
            return True
        result = run.result()
        if result is not None:
            self._results[run.name] = result
        return result is not None

    def _seconds_left(
        self, running: Sequence[RunningRun], waiting: Sequence[WaitingRun]
    ) -> float | None:
        """What is left of the costs, at the speed of the runs that were trained to their end."""
        seconds, cost = 0.0, 0.0
        for run in self.runs:
            result = self._results.get(run.name)
            if result is not None and result.seconds:
                seconds += result.seconds
                cost += run.cost
        if not seconds or not running:
            return None
        unfinished: list[RunningRun | WaitingRun] = [*running, *waiting]
        left = sum(one.run.cost * (1 - one.fraction) for one in unfinished)
        return left * seconds / cost / max(self._at_a_time)


def _state(run: Run) -> RunningRun | WaitingRun:
    """How far a run is that has not ended."""
    attempts = attempts_of(run.folder)
    fraction = run.progress.get('fraction', 0.0)
    if attempts and not attempts[-1].over:
        return RunningRun(run, attempts[-1], fraction)
    return WaitingRun(run, fraction)


def networks_per_hour(results: Sequence[Result], since: float | None = None) -> float:
    """Give the rate at which runs ended since a time, until now.

    Args:
        results: of the runs.
        since: seconds since 1970. None: the last hour, or since the first one began if that is
            less.
    """
    now = time.time()
    # now, where the clock of another machine is ahead
    ends = [min(now, datetime.fromisoformat(result.finished).timestamp()) for result in results]
    if since is None:
        begins = [end - (result.seconds or 0.0) for end, result in zip(ends, results, strict=True)]
        since = max(now - 3600, min(begins, default=0.0))
    ended = sum(end >= since for end in ends)
    return 3600 * ended / max(now - since, 1.0)
