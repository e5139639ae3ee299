"""Workers as tasks of Ray: on this machine, or on the cluster that `ray start` made of several."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regnet_plugin.cli.errors import UserError, blame, in_one_line
from regnet_plugin.launchers.cluster import (
    LET_GO,
    RemoteWorker,
    SentWork,
    Share,
    resources_text,
)
from regnet_plugin.population.runs.planning import Work
from regnet_plugin.training.populations.launcher import Launcher

_RETRIES = 20  # of a worker that Ray lost; how often a run may be tried is counted on disk
_COUNT_EVERY = 5.0  # seconds between two looks at which machines there are
_KNOCK = 10  # seconds that a cluster has to answer
# An amount that fits often, such as 0.1 CPUs into 1, must not fit once less by rounding.
_ROUNDING = 1e-9
# No reports to Ray's makers, no messages of its own on the screen, and, where no cluster is there
# yet, workers that are as nice as other processes.
_SETTINGS = dict(
    RAY_USAGE_STATS_ENABLED='0',
    RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO='0',
    RAY_DEDUP_LOGS_SKIP_REGEX='^',
    RAY_worker_niceness='0',
)
# in the home directory, as soon as a Ray of newer versions was started here
_TOKEN = Path('.ray', 'auth_token')

_Resources = Mapping[str, float]  # of a machine, by Ray's names, such as CPU and GPU


class RayLauncher(Launcher):
    """Runs a worker in each of several tasks of Ray.

    Ray gives them GPUs and CPUs, and replaces those that die.

    Args:
        address: of the cluster, as `ray.init` takes it. Default: None, that of `RAY_ADDRESS` or of
            `ray start` on this machine, or else this machine alone.
        workers: networks trained at a time. Default: None, as many as the cluster holds, also when
            it grows.
        gpus, cpus: of each network, see `Share.of`. Default: None.
    """

    def __init__(
        self,
        address: str | None = None,
        workers: int | None = None,
        gpus: float | None = None,
        cpus: float | None = None,
    ) -> None:
        self._address, self._workers, self._gpus, self._cpus = address, workers, gpus, cpus
        self._ray: Any = None  # the module, while it is connected to a cluster
        self._crew: _Crew | None = None

    def start(self, work: Work) -> None:
        """Begin to train; returns when the cluster is reached.

        Raises:
            UserError: if it is not, or if no machine of it has what a network takes.
        """
        self._ray = _connected(self._address)
        machines = _machines(self._ray)
        has_gpus = any(machine.get('GPU') for machine in machines)
        share = Share.of(work.processes, self._gpus, self._cpus, has_gpus)
        if not _places(machines, share):
            there_are = {
                resources_text(machine.get('CPU', 0), machine.get('GPU', 0)) for machine in machines
            }
            raise UserError(
                f'a network takes {share}, but no machine of the Ray cluster has that; it has '
                f'{"; ".join(sorted(there_are))}'
            )
        self._crew = _Crew(self._ray, SentWork(work, share), share, self._workers)
        self._crew.staff()

    def alive(self) -> bool:
        """Whether any worker is at work, or waits for its turn."""
        if self._crew is None:
            return False
        self._crew.hear()
        if not self._crew.errors:
            self._crew.staff()
        return not self._crew.errors and self._crew.is_at_work

    def stop(self) -> None:
        """Let go what is being trained, and wait until that is so.

        Raises:
            UserError: what a worker met with.
        """
        if self._ray is None:
            return
        crew = self._crew
        if crew is not None:
            crew.let_go()
        with _sigterm_kept():
            self._ray.shutdown()
        self._ray = self._crew = None
        if crew is not None and crew.errors and crew.sent.runs_left:
            raise UserError(crew.errors[0])


class _Crew:
    """The tasks of Ray that work at one piece of work, each a worker.

    Args:
        ray: the module, connected.
        sent: the work.
        share: what each network takes.
        workers: how many there are to be. Default: None, as many as the cluster holds.

    Attributes:
        errors: what workers met with, in words.
    """

    def __init__(self, ray: Any, sent: SentWork, share: Share, workers: int | None) -> None:
        self.sent = sent
        self.errors: list[str] = []
        self._ray, self._share, self._workers = ray, share, workers
        self._stored = ray.put(sent)  # once for all tasks, since it names all networks
        self._task = ray.remote(num_cpus=share.cpus, num_gpus=share.gpus, max_retries=_RETRIES)(
            _work_off
        )
        self._left_to_train = sent.runs_left  # as of the last look
        self._tasks: list[Any] = []  # references of Ray
        self._ended: set[Any] = set()  # of these
        self._last_counted: float | None = None  # by the monotonic clock

    @property
    def is_at_work(self) -> bool:
        """Whether a task has not ended, as far as `hear` heard."""
        return len(self._ended) < len(self._tasks)

    def staff(self) -> None:
        """Send as many workers as there are places, and more when machines joined.

        Machines are counted now and then only.
        """
        now = time.monotonic()
        if self._last_counted is not None and now - self._last_counted < _COUNT_EVERY:
            return
        self._last_counted = now
        places = self._workers or _places(_machines(self._ray), self._share)
        if places <= len(self._tasks):  # then nobody needs to know how many runs are left
            return
        self._left_to_train = [run for run in self._left_to_train if not run.ended]
        wanted = min(places, len(self._left_to_train))
        for _ in range(wanted - len(self._tasks)):
            self._tasks.append(self._task.remote(self._stored))

    def hear(self) -> None:
        """Note which workers ended, and what they met with."""
        for task in self._newly_ended():
            self._ended.add(task)
            try:
                message = self._ray.get(task)
            except self._ray.exceptions.TaskCancelledError:
                continue
            except Exception as error:  # of Ray, or of the worker's import
                message = f'a worker of Ray ended: {_last_line(error)}'
            if message:
                self.errors.append(message)

    def let_go(self) -> None:
        """Cancel the tasks, and wait until they have let go what they train."""
        left = self._left
        for task in left:
            self._ray.cancel(task)
        if left:
            self._ray.wait(left, num_returns=len(left), timeout=LET_GO)
        self.hear()

    @property
    def _left(self) -> list[Any]:
        return [task for task in self._tasks if task not in self._ended]

    def _newly_ended(self) -> list[Any]:
        left = self._left
        if not left:
            return []
        ended: list[Any]
        ended, _ = self._ray.wait(left, num_returns=len(left), timeout=0)
        return ended


def _work_off(sent: SentWork) -> str | None:
    """Be a worker, as a task of Ray; return what keeps it from going on, if anything does."""
    worker = RemoteWorker(sent)
    try:
        return worker.work_off()
    finally:  # ray.cancel raises a KeyboardInterrupt
        worker.let_go()


def _machines(ray: Any) -> list[_Resources]:
    """What each machine of a cluster has that is there now."""
    return [machine['Resources'] for machine in ray.nodes() if machine['Alive']]


def _places(machines: Sequence[_Resources], share: Share) -> int:
    """How many networks fit on machines at a time, whatever else they do.

    A network's processes are all on one machine.
    """
    return sum(_places_on(machine, share) for machine in machines)


def _places_on(machine: _Resources, share: Share) -> int:
    """How many networks fit on a machine at a time."""
    places = []
    for name, amount in (('CPU', share.cpus), ('GPU', share.gpus)):
        if amount:
            places.append(int(machine.get(name, 0) / amount + _ROUNDING))
    return min(places)


def _connected(address: str | None) -> Any:
    """Import Ray and connect to a cluster, quietly.

    What Ray says of dead workers is in its own logs, too.

    Returns:
        the module.

    Raises:
        UserError: if there is no Ray, or no such cluster, or that does not let one in.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if _has_token():  # Ray would use it for a cluster that it starts, but not for one that is there
        os.environ.setdefault('RAY_AUTH_MODE', 'token')
    try:
        import ray
    except ImportError as error:
        raise UserError(
            f"--launcher ray needs Ray: pip install 'regnet_plugin[ray]' ({error})"
        ) from None
    _knock(os.environ.get('RAY_ADDRESS') if address in (None, 'auto') else address)
    with blame('Ray'), _sigterm_kept():
        try:
            with _without_stderr():  # a screenful of a head that does not let one in
                ray.init(
                    address=address,
                    log_to_driver=False,
                    logging_level='ERROR',
                    include_dashboard=None,
                )
        except (ConnectionError, RuntimeError) as error:
            raise ConnectionError(
                f'{in_one_line(error)}; a cluster whose head has a token ({Path("~", _TOKEN)}) '
                'wants it here, too: in that file or as RAY_AUTH_TOKEN, with RAY_AUTH_MODE=token'
            ) from None
    return ray


def _has_token() -> bool:
    """Whether there is a token that a cluster may ask for.

    `ray start` gives its head one wherever it finds it.
    """
    if os.environ.get('RAY_AUTH_TOKEN') or os.environ.get('RAY_AUTH_TOKEN_PATH'):
        return True
    return Path.home().joinpath(_TOKEN).is_file()


def _knock(address: str | None) -> None:
    """Knock at a cluster's door, if its address is one of host and port.

    Ray itself would try for minutes.

    Raises:
        UserError: if nobody answers.
    """
    match = re.fullmatch(r'(?:ray://)?\[?([^\]/]+)\]?:(\d+)', address or '')
    if not match:
        return
    try:
        socket.create_connection((match[1], int(match[2])), timeout=_KNOCK).close()
    except OSError as error:
        raise UserError(
            f'there is no Ray cluster at {address}: {error.strerror or error}; ray start --head '
            'makes one'
        ) from None


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Let what Ray's C++ writes there go nowhere; what matters it raises."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Keep what is done on SIGTERM, for which `train_population` has its own use.

    Ray takes the signal.
    """
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


def _last_line(error: Exception) -> str:
    """The kind of an error, and the last line of what it says: Ray's are whole tracebacks."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f'{type(error).__name__}: {lines[-1] if lines else ""}'
