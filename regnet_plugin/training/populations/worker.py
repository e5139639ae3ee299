"""A worker: it takes runs of a population, one at a time, has them trained, and sees that each ends
with one result.

Every launcher starts workers and nothing else: what is to be done, what is being done and what is
done is on disk (see `population.attempts`), so workers of any number, on any machine, of any
launcher, started at any time, share the work.
"""

import json
import os
import select
import signal
import subprocess
import time
from contextlib import nullcontext, suppress
from itertools import chain
from uuid import uuid4

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.files import is_there, read_object
from regnet_plugin.population.attempts import (
    BEAT,
    TOKEN,
    attempts_of,
    begin_attempt,
    kill_leftovers,
    tries,
)
from regnet_plugin.population.results import REASONS, Result
from regnet_plugin.population.run_layout import CONFIG, FAILURE, RECIPE
from regnet_plugin.population.runs.removal import remove_checkpoints
from regnet_plugin.training.populations import start
from regnet_plugin.training.populations.run_configs import RunConfigs
from regnet_plugin.training.populations.trainee import DIVERGED, DONE, FULL, NO_SPACE, UNREADABLE

TRAINEE = 'regnet_plugin.training.populations.trainee'  # imports torch, which takes seconds
_GLANCE = 0.5  # seconds between two looks at whether to stop
# seconds between two looks at runs of which it is not known whether anybody is at them
_WATCH_EVERY = 1.0
_INTERRUPTED = 'interrupted'
_MOVED = '{} is not there any more: it was moved or removed while it was trained; where it is now, the same command goes on'
_NO_ROOM = 'the disk of {} is full; once there is room, the same command goes on'


class Died(Exception):
    """A training process is gone."""


class Process:
    """What trains for a worker.

    Args:
        environment (dict[str, str]): variables that confine it to its GPU or its threads.
        log (Path): file that takes what goes wrong.
        token (str): that marks it and its children.
    """

    def __init__(self, environment, log, token):
        self.log = log
        self._environment = {**os.environ, **environment, TOKEN: token}
        self._token = token
        self._child = None

    def _start(self, *command, **pipes):
        with self.log.open('ab') as log:
            self._child = subprocess.Popen(
                start.command(*command),
                stderr=log,
                env=self._environment,
                start_new_session=True,
                **pipes,
            )

    def _died(self):
        code = self._child.wait()
        return Died(
            f'its process was killed by signal {-code}'
            if code < 0
            else f'its process ended with {code}'
        )

    def kill(self):
        """End the process and all that it started, at once."""
        if self._child is not None and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        kill_leftovers(self._token)


class Server(Process):
    """One process that trains run after run; it is started when it is first needed, and again when
    it died.
    """

    def prepare(self, stop):
        """Wait until the process is there and its imports are done, or it is to stop.

        Raises:
            Died: if it cannot start.
        """
        if self._child is None or self._child.poll() is not None:
            self._start(TRAINEE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            while self._reply(_GLANCE) is None and not stop.is_set():
                pass

    def train(self, folder):
        """Begin to train a run."""
        with suppress(BrokenPipeError):  # `outcome` will tell
            self._child.stdin.write(f'{json.dumps(str(folder.absolute()))}\n'.encode())
            self._child.stdin.flush()

    def outcome(self, folder, seconds):
        """Wait for the end of a run.

        Returns:
            dict | None: see `Trainee.train`; None if it goes on after these seconds.

        Raises:
            Died: if the process is gone without a word.
        """
        return self._reply(seconds)

    def _reply(self, seconds):
        if not select.select([self._child.stdout], [], [], seconds)[0]:
            # its loader's workers, which have its pipes, may still be there
            if self._child.poll() is not None:
                raise self._died()
            return None
        line = self._child.stdout.readline()
        if not line.endswith(b'\n'):
            raise self._died()
        return json.loads(line)


class Torchrun(Process):
    """Several processes that train a run together, started for each one. As `Server`."""

    def __init__(self, *args, ranks):
        super().__init__(*args)
        self._ranks = ranks

    def prepare(self, stop):
        pass

    def train(self, folder):
        (folder / FAILURE).unlink(missing_ok=True)
        # torchrun has the interpreter itself
        rank = start.command(TRAINEE, '--folder', folder.absolute())[1:]
        self._start(
            'torch.distributed.run',
            '--standalone',
            '--nproc-per-node',
            self._ranks,
            *rank,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

    def outcome(self, folder, seconds):
        try:
            if self._child.wait(seconds) == 0:
                return dict(outcome=DONE, message='')
            return read_object(folder / FAILURE)
        except subprocess.TimeoutExpired:
            return None
        except (FileNotFoundError, ValueError):  # no rank said why
            raise self._died() from None


class Worker:
    """Takes and finishes runs until none is left that nobody works at; those of other machines are
    watched for that.

    Args:
        work (Work): which runs, and how.
        environment (dict[str, str]): variables for the training process.
        stop (threading.Event): that ends it: the run that it is at is let go, to be gone on with
            later.
    """

    def __init__(self, work, environment, stop):
        self.work, self.stop = work, stop
        self._token = uuid4().hex
        self._folder = work.runs[0].folder.parent
        self._configs = RunConfigs(self._folder)
        logs = self._folder / 'logs'
        logs.mkdir(exist_ok=True)
        arguments = environment, logs / f'worker-{self._token[:8]}.log', self._token
        self._process = (
            Server(*arguments)
            if work.processes == 1
            else Torchrun(*arguments, ranks=work.processes)
        )

    def work_off(self):
        """Train until nothing is left to take.

        Raises:
            UserError: if the disk is full, the population moved away, or no training process can be
                started; runs are gone on with later.
        """
        try:
            while any([self._see_to(run) for run in self.work.runs]) or self._must_watch():
                pass
        except Died as death:
            raise UserError(
                f'a training process cannot be started: {death}; {self._process.log} says why'
            ) from None
        except OSError as error:
            self._check_place()
            if error.errno not in FULL:
                raise
            raise UserError(_NO_ROOM.format(self._folder)) from None
        finally:
            self._process.kill()

    def _check_place(self) -> None:
        """Stop where the recipe is gone: what is trained would be written beside the population, by
        MMEngine also into folders that it makes anew.
        """
        if not is_there(self._folder / RECIPE):
            raise UserError(_MOVED.format(self._folder))

    def _must_watch(self):
        """Whether somebody on another machine may be at a run, or be gone: after a moment, there is
        another look.
        """
        last = [attempts_of(run.folder)[-1:] for run in self.work.runs if not run.ended]
        return any(attempt.in_doubt for attempt in chain(*last)) and not self.stop.wait(
            _WATCH_EVERY
        )

    def _see_to(self, run):
        """Train a run to its end, if nobody else does; return whether it was taken."""
        taken = False
        while not run.ended and not self.stop.is_set():
            self._process.prepare(self.stop)  # before the run is taken: imports are no attempt
            if self.stop.is_set() or not self._try(run):
                break
            taken = True
        if run.ended and not self.work.keep_checkpoints:
            remove_checkpoints(run.folder)
        return taken

    def _try(self, run):
        """Take a run and have it trained once.

        Returns:
            bool: whether it was taken.
        """
        self._check_place()
        checkpoint = run.checkpoint
        run.folder.mkdir(exist_ok=True)  # somebody may have removed it, to have it trained anew
        before = attempts_of(run.folder)
        if before and before[-1].over and tries(before, checkpoint) >= self.work.tries:
            self._give_up(run, before)
            return True
        attempt = begin_attempt(run.folder, checkpoint, self._token)
        if attempt is None:
            return False
        if run.ended:  # between two looks
            attempt.end('finished')
            return False
        how, message = _INTERRUPTED, ''
        try:
            how, message = self._supervise(run, attempt)
        finally:
            removed = attempt.removed
            if not removed:
                with suppress(OSError) if how == NO_SPACE else nullcontext():
                    attempt.end(how, message)
        if removed:  # what it says of itself is only that its files are gone
            self._check_place()
            return False
        if how == NO_SPACE:
            raise UserError(_NO_ROOM.format(run.folder.parent))
        if how == 'out of memory':
            self._process.kill()  # what is left of its memory may be in pieces
        if how in ('error', 'out of memory'):
            self._fail(run, how, message)
        return how != 'superseded'

    def _supervise(self, run, attempt):
        """Watch over a training; return how it ended, and a message."""
        try:
            renewed = self._configs.renew(run)
            if renewed:
                say(f'note: {renewed}')
        except UserError as error:
            return 'error', str(error)
        self._process.train(run.folder)
        alive, progress, touched = time.monotonic(), run.progress, time.monotonic()
        while True:
            try:
                outcome = self._process.outcome(run.folder, _GLANCE)
            except Died as death:
                self._process.kill()  # what it started
                return 'killed', str(death)
            now = time.monotonic()
            if outcome:
                return self._judged(run, **outcome)
            if run.progress != progress:
                alive, progress = now, run.progress
            ending = (
                _INTERRUPTED
                if self.stop.is_set()
                else 'timed out'
                if now - alive > self.work.timeout
                else 'superseded'
                if attempt.superseded or attempt.removed
                else None
            )
            if ending:
                self._process.kill()
                return (
                    ending,
                    f'no iteration for {self.work.timeout:g} s' if ending == 'timed out' else '',
                )
            if now - touched > BEAT:
                attempt.touch()
                touched = now

    @staticmethod
    def _judged(run, outcome, message):
        if outcome == UNREADABLE:  # no fault of the network's: the attempt is interrupted
            raise UserError(message)
        if outcome not in (DONE, DIVERGED):
            return outcome, message
        if not run.ended:
            return (
                'error',
                f'the training left no result: {CONFIG} must have the ResultHook that it was '
                'written with',
            )
        return 'finished', message

    def _give_up(self, run, attempts):
        reason = attempts[-1].ended if attempts[-1].ended in REASONS else 'killed'
        said = attempts[-1].said or 'its process was killed'
        self._fail(
            run,
            reason,
            f'{self.work.tries} times in a row from {run.checkpoint or "the beginning"}: {said}',
        )

    def _fail(self, run, reason, message):
        counts = run.network.sample.to_dict()['complexity']
        Result(
            network=run.network.name,
            seed=run.seed,
            recipe=run.folder.parent.name,
            recipe_digest=self._configs.digest,
            status='failed',
            reason=reason,
            message=message,
            complexity=counts,
            attempts=max(1, len(attempts_of(run.folder))),
        ).write(run.folder)


def confined(gpu=None, threads=1):
    """Variables that confine a training process to one GPU, or to a number of threads and no GPU.

    Args:
        gpu (str, optional): its index or identifier. Default: None, none.
        threads (int): of PyTorch's operations on a CPU. Default: 1.
    """
    variables = dict(OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    return variables if gpu is None else {**variables, 'CUDA_VISIBLE_DEVICES': str(gpu)}
