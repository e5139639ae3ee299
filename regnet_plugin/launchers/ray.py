"""Workers as tasks of Ray: on this machine, or on the cluster that `ray start` made of several."""

import os
import re
import signal
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from regnet_plugin.cli.errors import UserError, blame, in_one_line
from regnet_plugin.launchers.cluster import Errand, Share, Station, in_words

_RETRIES = 20  # of a worker that Ray lost; how often a run may be tried is counted on disk
_COUNT_EVERY = 5.0  # seconds between two looks at which machines there are
_LET_GO = 60.0  # seconds that workers have for it
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


class RayLauncher:
    """Runs a worker in each of several tasks of Ray, which gives them GPUs and CPUs and replaces
    those that die.

    Args:
        address (str, optional): of the cluster, as `ray.init` takes it. Default: None, that of
            `RAY_ADDRESS` or of `ray start` on this machine, or else this machine alone.
        workers (int, optional): networks trained at a time. Default: None, as many as the cluster
            holds, also when it grows.
        gpus, cpus (float, optional): of each network, see `Share.of`. Default: None.
    """

    def __init__(self, address=None, workers=None, gpus=None, cpus=None):
        self._address, self._workers, self._gpus, self._cpus = address, workers, gpus, cpus
        self._tasks, self._ended, self._errors = [], set(), []
        self._ray = self._errand = None
        self._counted = 0.0

    def start(self, work):
        """Begin to train; returns when the cluster is reached.

        Raises:
            UserError: if it is not, or if no machine of it has what a network takes.
        """
        self._ray = _connected(self._address)
        machines = self._machines()
        share = Share.of(
            work.processes, self._gpus, self._cpus, any(machine.get('GPU') for machine in machines)
        )
        if not _places(machines, share):
            has = sorted(
                {in_words(machine.get('CPU', 0), machine.get('GPU', 0)) for machine in machines}
            )
            raise UserError(
                f'a network takes {share}, but no machine of the Ray cluster has that; it has '
                f'{"; ".join(has)}'
            )
        self._share, self._errand = share, Errand(work, share)
        self._sent = self._ray.put(self._errand)
        self._task = self._ray.remote(
            num_cpus=share.cpus, num_gpus=share.gpus, max_retries=_RETRIES
        )(_work_off)
        self._tasks, self._ended, self._errors = [], set(), []
        self._counted = 0.0
        self._staff()

    def alive(self):
        """Whether any worker is at work, or waits for its turn."""
        self._hear()
        if not self._errors:
            self._staff()
        return not self._errors and len(self._ended) < len(self._tasks)

    def stop(self):
        """Let go what is being trained, and wait until that is so.

        Raises:
            UserError: what a worker met with.
        """
        if self._ray is None:
            return
        left = [task for task in self._tasks if task not in self._ended]
        for task in left:
            self._ray.cancel(task)
        if left:
            self._ray.wait(left, num_returns=len(left), timeout=_LET_GO)
        self._hear()
        with _sigterm_kept():
            self._ray.shutdown()
        self._ray, self._tasks = None, []
        if self._errors and self._errand.runs_left:
            raise UserError(self._errors[0])

    def _machines(self):
        return [machine['Resources'] for machine in self._ray.nodes() if machine['Alive']]

    def _staff(self):
        """Send as many workers as there are places, and more when machines joined."""
        if time.monotonic() - self._counted < _COUNT_EVERY:
            return
        self._counted = time.monotonic()
        wanted = min(
            self._workers or _places(self._machines(), self._share), len(self._errand.runs_left)
        )
        self._tasks += [self._task.remote(self._sent) for _ in range(wanted - len(self._tasks))]

    def _hear(self):
        """Note which workers ended, and what they met with."""
        waiting = [task for task in self._tasks if task not in self._ended]
        ended = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)[0] if waiting else []
        for task in ended:
            self._ended.add(task)
            try:
                message = self._ray.get(task)
            except self._ray.exceptions.TaskCancelledError:
                continue
            except Exception as error:  # of Ray, or of the worker's import
                message = f'a worker of Ray ended: {_last_line(error)}'
            if message:
                self._errors.append(message)


def _work_off(errand):
    """What a task of Ray runs."""
    station = Station(errand)
    try:
        return station.work_off()
    finally:  # ray.cancel raises a KeyboardInterrupt
        station.let_go()


def _places(machines, share):
    """How many networks fit on machines at a time, whatever else they do."""
    wants = {name: amount for name, amount in (('CPU', share.cpus), ('GPU', share.gpus)) if amount}
    return sum(
        min(int(machine.get(name, 0) / amount + 1e-9) for name, amount in wants.items())
        for machine in machines
    )


def _connected(address):
    """Import Ray and connect to a cluster, quietly: what Ray says of dead workers is in its own
    logs, too.
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
    _probe(os.environ.get('RAY_ADDRESS') if address in (None, 'auto') else address)
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
                'wants '
                'it here, too: in that file or as RAY_AUTH_TOKEN, with RAY_AUTH_MODE=token'
            ) from None
    return ray


def _has_token():
    """Whether there is a token that a cluster may ask for; `ray start` gives its head one wherever
    it finds it.
    """
    given = os.environ.get('RAY_AUTH_TOKEN') or os.environ.get('RAY_AUTH_TOKEN_PATH')
    return bool(given) or Path.home().joinpath(_TOKEN).is_file()


def _probe(address):
    """Knock at a cluster's door: Ray itself would try for minutes."""
    match = re.fullmatch(r'(?:ray://)?\[?([^\]/]+)\]?:(\d+)', address or '')
    if not match:
        return
    try:
        socket.create_connection((match[1], int(match[2])), timeout=10).close()
    except OSError as error:
        raise UserError(
            f'there is no Ray cluster at {address}: {error.strerror or error}; ray start --head '
            'makes '
            'one'
        ) from None


@contextmanager
def _without_stderr():
    """What Ray's C++ writes there goes nowhere; what matters it raises."""
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
def _sigterm_kept():
    """Ray takes the signal; `train_population` has its own use for it."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


def _last_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f'{type(error).__name__}: {lines[-1] if lines else ""}'
