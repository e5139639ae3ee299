"""How far the runs of a population are, as their files say."""

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from statistics import fmean
from typing import NamedTuple

from regnet_plugin.files import names_in
from regnet_plugin.population.runs.attempts import Attempt, last_attempt
from regnet_plugin.population.runs.layout import PROGRESS, RESULT
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.run import Run

_LOOKS = 10  # in which each worker is seen at least once with a run: between two runs it has none
# Runs that a glance looks at: of those that were begun, of those that come next, and of the rest.
# Together they cost a file system 30 to 60 operations.
_BEGUN, _NEXT, _REST = 3, 4, 2


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
    def errors(self) -> list[float]:
        """Errors of the networks after their last epoch, means over the seeds."""
        by_network: dict[str, list[float]] = {}
        for result in self.done:
            if result.last_error is not None:
                by_network.setdefault(result.network, []).append(result.last_error)
        return [fmean(errors) for errors in by_network.values()]

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


class Watch:
    """Looks at runs again and again; a result is read once.

    Args:
        runs: to look at.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self._results: dict[str, Result] = {}
        # Runs that have not ended, as they were seen last, by name: those that were begun, that
        # which was looked at longest ago first, and those that were not, in their order.
        self._begun: dict[str, RunningRun | WaitingRun] = {}
        self._new: dict[str, WaitingRun] = {run.name: WaitingRun(run, 0.0) for run in runs}
        self._next_of_rest = 0  # place among the new ones
        self._at_a_time: deque[int] = deque(maxlen=_LOOKS)

    def look(self) -> Standing:
        """Look at all runs that had not ended; return the `Standing` of now.

        Raises:
            OSError: naming what cannot be read now.
        """
        for run in self.runs:
            if run.name not in self._results:
                self._look_at(run)
        return self._standing()

    def glance(self) -> Standing:
        """Look at a few runs; return the `Standing`, as far as one has seen.

        However many runs there are, it costs a file system the same. Of those that were begun it
        looks at some, in turn; of the others at those that are next, as far as these were begun
        meanwhile, and, in turn, at a few of the rest, which somebody may begin in another order.

        Raises:
            OSError: naming what cannot be read now.
        """
        for state in list(islice(self._begun.values(), _BEGUN)):
            self._look_at(state.run)
        for state in list(islice(self._new.values(), _NEXT)):
            self._look_at(state.run)
            if state.run.name in self._new:
                break
        for state in self._some_of_rest():
            self._look_at(state.run)
        return self._standing()

    def _some_of_rest(self) -> list[WaitingRun]:
        """The new runs whose turn it is."""
        if self._next_of_rest >= len(self._new):
            self._next_of_rest = 0
        first, self._next_of_rest = self._next_of_rest, self._next_of_rest + _REST
        return list(islice(self._new.values(), first, self._next_of_rest))

    def _look_at(self, run: Run) -> None:
        """See how far a run is that had not ended."""
        names = names_in(run.folder)
        result = run.result() if RESULT in names else None
        attempt = None if result is not None else last_attempt(run.folder, names)
        self._begun.pop(run.name, None)  # to be the last one of those that are looked at in turn
        if result is not None:
            self._results[run.name] = result
            self._new.pop(run.name, None)
        elif attempt is not None:
            self._begun[run.name] = _state(run, names, attempt)
            self._new.pop(run.name, None)
        else:
            self._new[run.name] = WaitingRun(run, _fraction(run, names))

    def _standing(self) -> Standing:
        """The `Standing` of what was seen."""
        states = {**self._begun, **self._new}
        unfinished = [states[run.name] for run in self.runs if run.name in states]
        running = tuple(state for state in unfinished if isinstance(state, RunningRun))
        waiting = tuple(state for state in unfinished if isinstance(state, WaitingRun))
        self._at_a_time.append(len(running))
        results = [self._results[run.name] for run in self.runs if run.name in self._results]
        return Standing(
            done=tuple(result for result in results if result.status == 'done'),
            failed=tuple(result for result in results if result.status == 'failed'),
            running=running,
            waiting=waiting,
            seconds_left=self._seconds_left(running, waiting),
        )

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


def _state(run: Run, names: Sequence[str], attempt: Attempt) -> RunningRun | WaitingRun:
    """How far a run is that has not ended, by the names in its folder and its last attempt."""
    fraction = _fraction(run, names)
    return WaitingRun(run, fraction) if attempt.over else RunningRun(run, attempt, fraction)


def _fraction(run: Run, names: Sequence[str]) -> float:
    """How much of a run is done, from 0 to 1."""
    fraction: float = run.progress.get('fraction', 0.0) if PROGRESS in names else 0.0
    return fraction


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
