"""A worker: it takes runs of a population, one at a time, and has them trained.

It sees that each ends with one result.

Every launcher starts workers and nothing else: what is to be done, what is being done and what is
done is on disk (see `population.attempts`), so workers of any number, on any machine, of any
launcher, started at any time, share the work.
"""

import time
from collections.abc import Mapping
from threading import Event
from uuid import uuid4

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there
from regnet_plugin.population.attempts import BEAT, Attempt, attempts_of, begin_attempt, tries
from regnet_plugin.population.results import REASONS, Result
from regnet_plugin.population.run_layout import CONFIG, RECIPE
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.population.runs.removal import remove_checkpoints
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
# seconds between two looks at runs of which it is not known whether anybody is at them
_WATCH_EVERY = 1.0
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
        self._folder = work.runs[0].folder.parent
        self._configs = RunConfigs(self._folder)
        self._process = self._training_process(environment)

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
            something_to_do = True
            while something_to_do:
                taken = [self._see_to(run) for run in self.work.runs]
                something_to_do = any(taken) or self._must_watch()
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

    def _must_watch(self) -> bool:
        """Whether to look again, after a moment: somebody elsewhere may be at a run, or be gone."""
        for run in self.work.runs:
            attempts = [] if run.ended else attempts_of(run.folder)
            if attempts and attempts[-1].in_doubt:
                return not self.stop.wait(_WATCH_EVERY)
        return False

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
        self._check_place()
        checkpoint = run.checkpoint
        run.folder.mkdir(exist_ok=True)  # somebody may have removed it, to have it trained anew
        before = attempts_of(run.folder)
        if before and before[-1].over and tries(before, checkpoint) >= self.work.tries:
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
        progress = run.progress
        last_progress = last_touch = time.monotonic()
        while True:
            try:
                outcome = self._process.outcome(run.folder, _STOP_LOOK_EVERY)
            except Died as death:
                self._process.kill()  # what it started
                return KILLED, str(death)
            if outcome is not None:
                return _judged(run, outcome)
            now = time.monotonic()
            if run.progress != progress:
                progress, last_progress = run.progress, now
            ending = self._reason_to_end(attempt, idle=now - last_progress)
            if ending is not None:
                self._process.kill()
                return ending
            if now - last_touch > BEAT:
                attempt.touch()
                last_touch = now

    def _reason_to_end(self, attempt: Attempt, idle: float) -> tuple[str, str] | None:
        """How an attempt is to end now, and a message; None if it may go on.

        Args:
            attempt: that is being trained.
            idle: seconds without an iteration.
        """
        if self.stop.is_set():
            return _INTERRUPTED, ''
        if idle > self.work.timeout:
            return _TIMED_OUT, f'no iteration for {self.work.timeout:g} s'
        if attempt.superseded or attempt.removed:
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
