"""How far the runs of a population are, as their files say."""

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Deque, Dict, Optional, Tuple

from regnet_plugin.population.attempts import Attempt, attempts_of
from regnet_plugin.population.results import Result
from regnet_plugin.population.runs.run import Run

_LOOKS = 10  # in which each worker is seen at least once with a run: between two runs it has none


@dataclass(frozen=True)
class Standing:
    """The runs of a recipe, by state.

    Attributes:
        done, failed (tuple[Result]): as they ended.
        running (tuple[tuple[Run, Attempt, float]]): that somebody trains, with the fraction that is
            done.
        waiting (tuple[tuple[Run, float]]): that nobody trains now, with the fraction that is done.
        seconds_left (float, optional): until all ended, if they go on as those that ended, as many
            at a time as lately; None before there is anything to judge by.
    """

    done: Tuple[Result, ...]
    failed: Tuple[Result, ...]
    running: Tuple[Tuple[Run, Attempt, float], ...]
    waiting: Tuple[Tuple[Run, float], ...]
    seconds_left: Optional[float] = None

    @property
    def total(self):
        return len(self.done) + len(self.failed) + len(self.running) + len(self.waiting)

    @property
    def best(self):
        """The result with the least error after its last epoch, of equals the first network's; None
        if there is none.
        """
        rated = [result for result in self.done if result.last_error is not None]
        return min(
            rated, key=lambda result: (result.last_error, result.network, result.seed), default=None
        )

    @property
    def ended(self):
        return len(self.done) + len(self.failed)

    @property
    def noun(self):
        """What they are called: networks, or runs where networks are trained with several seeds."""
        runs = [run for run, *_ in (*self.running, *self.waiting)]
        seeds = {each.seed for each in (*self.done, *self.failed, *runs)}
        return 'network' if len(seeds) < 2 else 'run'


@dataclass
class Watch:
    """Looks at runs again and again; a result is read once.

    Args:
        runs (Sequence[Run]): to look at.
    """

    runs: Tuple[Run, ...]
    _results: Dict[str, Result] = field(default_factory=dict)
    _at_a_time: Deque[int] = field(default_factory=lambda: deque(maxlen=_LOOKS))

    def look(self):
        """Return the `Standing` of now.

        Raises:
            OSError: naming what cannot be read now.
        """
        running, waiting = [], []
        for run in self.runs:
            if run.name not in self._results:
                result = run.result()
                if result is None:
                    self._sort(run, running, waiting)
                else:
                    self._results[run.name] = result
        self._at_a_time.append(len(running))
        results = [self._results[run.name] for run in self.runs if run.name in self._results]
        done = tuple(result for result in results if result.status == 'done')
        failed = tuple(result for result in results if result.status == 'failed')
        return Standing(
            done, failed, tuple(running), tuple(waiting), self._seconds_left(running, waiting)
        )

    @staticmethod
    def _sort(run, running, waiting):
        attempts = attempts_of(run.folder)
        fraction = run.progress.get('fraction', 0.0)
        if attempts and not attempts[-1].over:
            running.append((run, attempts[-1], fraction))
        else:
            waiting.append((run, fraction))

    def _seconds_left(self, running, waiting):
        """What is left of the costs, at the speed of the runs that were trained to their end."""
        trained = [
            run
            for run in self.runs
            if run.name in self._results and self._results[run.name].seconds
        ]
        seconds = sum(self._results[run.name].seconds for run in trained)
        if not seconds or not running:
            return None
        left = sum(run.cost * (1 - fraction) for run, *_, fraction in (*running, *waiting))
        return left * seconds / sum(run.cost for run in trained) / max(self._at_a_time)


def networks_per_hour(results, since=None):
    """Rate at which runs ended since a time, until now.

    Args:
        results (Sequence[Result]): of the runs.
        since (float, optional): seconds since 1970. Default: None, the last hour, or since the
            first one began if that is less.
    """
    now = time.time()  # the clock of another machine may be ahead
    ends = [
        (min(now, datetime.fromisoformat(result.finished).timestamp()), result.seconds or 0.0)
        for result in results
    ]
    if since is None:
        since = max(now - 3600, min((end - seconds for end, seconds in ends), default=0.0))
    return 3600 * sum(end >= since for end, _ in ends) / max(now - since, 1.0)
