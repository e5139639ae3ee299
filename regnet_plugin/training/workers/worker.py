"""A worker: it takes runs of a population, one at a time, and has them trained.

It sees that each ends with one result.

Every launcher starts workers and nothing else: what is to be done, what is being done and what is
done is on disk (see `population.runs.attempts`), so workers of any number, on any machine, of any
launcher, started at any time, share the work.
"""

import random
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from threading import Event
from uuid import uuid4

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there
from regnet_plugin.population.runs.attempts import (
    BEAT,
    TELL_EVERY,
    Attempt,
    attempts_of,
    begin_attempt,
    tries,
    was_tried,
)
from regnet_plugin.population.runs.layout import CONFIG, RECIPE
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.removal import remove_checkpoints
from regnet_plugin.population.runs.results import REASONS, Result
from regnet_plugin.population.runs.run import Run
from regnet_plugin.training.populations.run_configs import RunConfigs
from regnet_plugin.training.workers.place import Place
from regnet_plugin.training.workers.trainee_reply import (
    DIVERGED,
    DONE,
    ERROR,
    FULL_DISK_ERRORS,
    KILLED,
    NO_SPACE,
    OUT_OF_MEMORY,
    UNREADABLE,
    TraineeReply,
)
from regnet_plugin.training.workers.training_processes import (
    Died,
    ReusedTrainee,
    Torchrun,
    TrainingProcess,
)

# Ends of an attempt, beside those of `trainee_reply`.
_FINISHED = 'finished'
_INTERRUPTED = 'interrupted'
_SUPERSEDED = 'superseded'
_TIMED_OUT = 'timed out'

_STOP_LOOK_EVERY = 0.5  # seconds between two looks at whether to stop; a person waits for that
# Seconds between two looks at runs of which it is not known whether anybody is at them: two looks
# in a beat.
_WATCH_EVERY = BEAT / 2
# A training tells how far it is, and is looked at, so many times within its timeout, and at least
# once in a beat: each look is a question to a file system that many workers may share.
_LOOKS_IN_TIMEOUT = 12
# Runs that a worker looks at again when it finds nothing new to begin, in search of what others let
# go. Of more, it looks at some: the other workers look at others, and the launcher sees all.
_SEARCHED = 128
_MOVED = (
    '{} is not there any more: it was moved or removed while it was trained; where it is now, the '
    'same command goes on'
)
_NO_ROOM = 'the disk of {} is full; once there is room, the same command goes on'


class Worker:
    """Takes and finishes runs until none is left that nobody works at.

    Of a run that another machine has, or had, it is watched whether anybody still works at it.

    Args:
        work: which runs, and how.
        environment: variables for the training process, see `confining_variables`.
        stop: event that ends it; the run that it is at is let go, to be gone on with later.
        place: that it shares with other workers. A network that runs out of memory there is trained
            again while no other one is; if it does so alone, it has failed. Default: one of its
            own.
    """

    def __init__(
        self, work: Work, environment: Mapping[str, str], stop: Event, place: Place | None = None
    ) -> None:
        self.work, self.stop = work, stop
        self._place = place or Place()
        self._was_crowded = False  # whether the last training ended for want of others' memory
        self._token = uuid4().hex
        # of the runs that it went through last: whose attempts are in doubt
        self._doubtful: list[Run] = []
        self._folder = work.runs[0].folder.parent
        self._configs = RunConfigs(self._folder)
        self._look_every = min(BEAT, work.timeout / _LOOKS_IN_TIMEOUT)
        self._process = self._training_process({**environment, TELL_EVERY: str(self._look_every)})

    def _training_process(self, environment: Mapping[str, str]) -> TrainingProcess:
        logs = self._folder / 'logs'
        logs.mkdir(exist_ok=True)
        log = logs / f'worker-{self._token[:8]}.log'
        if self.work.processes == 1:
            return ReusedTrainee(environment, log, self._token)
        return Torchrun(environment, log, self._token, ranks=self.work.processes)

    def work_off(self) -> None:
        """Train until nothing is left to take.

        Raises:
            UserError: if the disk is full, the population moved away, or no training process can be
                started; runs are gone on with later.
        """
        try:
            runs: Sequence[Run] = self.work.runs
            while runs and not self.stop.is_set():
                if not self._go_through(runs):
                    runs = self._doubtful
                    self.stop.wait(_WATCH_EVERY if runs else 0)
                elif not self.stop.is_set():
                    runs = self._left()
        except Died as death:
            raise UserError(
                f'a training process cannot be started: {death}; {self._process.log} says why'
            ) from None
        except OSError as error:
            self._check_place()
            if error.errno not in FULL_DISK_ERRORS:
                raise
            raise UserError(_NO_ROOM.format(self._folder)) from None
        finally:
            self._process.kill()

    def _check_place(self) -> None:
        """Stop where the recipe is gone.

        What is trained then would be written beside the population, by MMEngine also into folders
        that it makes anew.

        Raises:
            UserError: if it is gone.
        """
        if not is_there(self._folder / RECIPE):
            raise UserError(_MOVED.format(self._folder))

    def _go_through(self, runs: Sequence[Run]) -> bool:
        """See to runs, one after the other; return whether any was taken.

        All workers begin runs in the same order. So behind one that was new, those that others
        began meanwhile are passed by, see `_first_new`.
        """
        self._doubtful = []
        any_taken = False
        place = 0
        while place < len(runs) and not self.stop.is_set():
            run = runs[place]
            is_new = not was_tried(run.folder)
            place += 1
            if self._see_to(run):
                any_taken = True
                if is_new and not self.stop.is_set():
                    place = _first_new(runs, place)
        return any_taken

    def _left(self) -> list[Run]:
        """The runs that did not end, or what is left of some, see `_SEARCHED`."""
        runs = self.work.runs
        some = sorted(random.sample(range(len(runs)), min(_SEARCHED, len(runs))))
        return [runs[number] for number in some if not runs[number].ended]

    def _see_to(self, run: Run) -> bool:
        """Train a run to its end, if nobody else does; return whether it was taken."""
        taken = self._was_crowded = False
        while not run.ended and not self.stop.is_set():
            # Before the run is taken: a failing import is no attempt at the run.
            self._process.prepare(self.stop)
            with self._place.room(self.stop, alone=self._was_crowded):
                if self.stop.is_set() or not self._try(run):
                    break
            taken = True
        if run.ended and not self.work.keep_checkpoints:
            remove_checkpoints(run.folder)
        return taken

    def _try(self, run: Run) -> bool:
        """Take a run and have it trained once; return whether it was taken."""
        before = attempts_of(run.folder)
        if before and not before[-1].over:
            if before[-1].in_doubt:
                self._doubtful.append(run)
            return False
        if before and run.ended:  # while the training process was started, which takes seconds
            return False
        self._check_place()
        checkpoint = run.checkpoint
        run.folder.mkdir(exist_ok=True)  # somebody may have removed it, to have it trained anew
        if tries(before, checkpoint) >= self.work.tries:
            self._give_up(run, before[-1])
            return True
        attempt = begin_attempt(run.folder, checkpoint, self._token)
        if attempt is None:
            return False
        if run.ended:  # since `_see_to` looked
            attempt.end(_FINISHED)
            return False
        return self._train(run, attempt)

    def _train(self, run: Run, attempt: Attempt) -> bool:
        """Have a run trained that was taken, and see to its result; return whether it stayed ours.

        Raises:
            UserError: if the disk is full, or what stands in the way is no fault of the network's;
                the attempt counts as interrupted.
        """
        how, message = _INTERRUPTED, ''
        try:
            how, message = self._supervise(run, attempt)
            # one that was alone this time has its own memory to blame
            self._was_crowded = (
                how == OUT_OF_MEMORY and self._place.workers > 1 and not self._was_crowded
            )
            if self._was_crowded:
                how = _INTERRUPTED
        finally:
            removed = attempt.removed
            if not removed:
                _mark_end(attempt, how, message)
        if removed:  # what the training says then is only that its files are gone
            self._check_place()
            return False
        if how == NO_SPACE:
            raise UserError(_NO_ROOM.format(run.folder.parent))
        if self._was_crowded:
            say(f'note: {run.name} ran out of memory beside others, and is trained alone')
        if how == OUT_OF_MEMORY or self._was_crowded:
            self._process.kill()  # what is left of its memory may be in pieces
        if how in (ERROR, OUT_OF_MEMORY):
            self._fail(run, how, message)
        return how != _SUPERSEDED

    def _supervise(self, run: Run, attempt: Attempt) -> tuple[str, str]:
        """Have a run trained and watch over it; return how the attempt ended, and a message."""
        try:
            note = self._configs.renew(run)
        except UserError as error:
            return ERROR, str(error)
        if note:
            say(f'note: {note}')
        self._process.train(run.folder)
        sign = None
        last_progress = last_look = time.monotonic()
        while True:
            try:
                outcome = self._process.outcome(run.folder, _STOP_LOOK_EVERY)
            except Died as death:
                self._process.kill()  # what it started
                return KILLED, str(death)
            if outcome is not None:
                return _judged(run, outcome)
            now = time.monotonic()
            ending = (_INTERRUPTED, '') if self.stop.is_set() else None
            if ending is None and now - last_look >= self._look_every:
                last_look = now
                before, sign = sign, run.last_sign
                if sign != before:
                    last_progress = now
                ending = self._reason_to_end(attempt, idle=now - last_progress)
            if ending is not None:
                self._process.kill()
                return ending

    def _reason_to_end(self, attempt: Attempt, idle: float) -> tuple[str, str] | None:
        """Show that the attempt lives, unless there is a reason to end it.

        Args:
            attempt: that is being trained.
            idle: seconds without an iteration.

        Returns:
            How it is to end now, and a message; None if it may go on.
        """
        if idle > self.work.timeout:
            return _TIMED_OUT, f'no iteration for {self.work.timeout:g} s'
        is_there = attempt.touch()
        if not is_there or attempt.superseded:
            return _SUPERSEDED, ''
        return None

    def _give_up(self, run: Run, last: Attempt) -> None:
        """Write that a run failed, by how its last attempt ended."""
        reason = last.ended if last.ended in REASONS else KILLED
        said = last.said or 'its process was killed'
        since = run.checkpoint or 'the beginning'
        self._fail(run, reason, f'{self.work.tries} times in a row from {since}: {said}')

    def _fail(self, run: Run, reason: str, message: str) -> None:
        """Write that a run failed."""
        Result(
            network=run.network.name,
            seed=run.seed,
            recipe=run.folder.parent.name,
            recipe_digest=self._configs.digest,
            status='failed',
            reason=reason,
            message=message,
            complexity=run.network.sample.to_dict()['complexity'],
            attempts=max(1, len(attempts_of(run.folder))),
        ).write(run.folder)


def _first_new(runs: Sequence[Run], place: int) -> int:
    """The place, from this one on, of the first run that nobody ever took; len(runs) if none.

    It is found by few looks where those before it were taken in their order: in steps that grow,
    then between the last two. One that is new among those passed by is found later, see `_left`.
    """
    step = 1
    while place + step <= len(runs) and was_tried(runs[place + step - 1].folder):
        place, step = place + step, 2 * step
    end = min(place + step, len(runs))
    return bisect_left(range(end), True, lo=place, key=lambda at: not was_tried(runs[at].folder))


def _judged(run: Run, outcome: TraineeReply) -> tuple[str, str]:
    """How an attempt ended whose training process said so, and a message.

    Raises:
        UserError: if a file cannot be read now, which is no fault of the network's.
    """
    said, message = outcome['outcome'], outcome['message']
    if said == UNREADABLE:
        raise UserError(message)
    if said not in (DONE, DIVERGED):
        return said, message
    if run.ended:
        return _FINISHED, message
    return (
        ERROR,
        f'the training left no result: {CONFIG} must have the ResultHook that it was written with',
    )


def _mark_end(attempt: Attempt, how: str, message: str) -> None:
    """Write how an attempt ended, if there is room for that."""
    try:
        attempt.end(how, message)
    except OSError:
        if how != NO_SPACE:
            raise
