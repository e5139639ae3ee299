"""A real Slurm of one node: daemons on free ports, and state in one folder.

Nothing is installed, and all is gone at the end.
"""

import getpass
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

FILES = Path(sys.prefix, 'slurm')  # unpacked there by environment/install.py

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
PluginDir={plugins}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
KillWait=5
SchedulerParameters=sched_interval=1,bf_interval=1
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def free_ports(number):
    """Ports that nobody listens on at present."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def running(*command, **kwargs):
    process = subprocess.Popen(list(map(str, command)), **kwargs)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(condition, processes, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        for process in processes:
            assert process.poll() is None, f'{process.args[0]} ended'
        assert time.monotonic() < deadline, f'no answer in {seconds} s'
        time.sleep(0.05)


@contextmanager
def slurm(folder):
    """Run a Slurm with two CPUs and the partition ``main``.

    Args:
        folder (Path): for its state and logs; a short path, since it holds a socket.

    Yields:
        dict[str, str]: the variables with which srun and its like find it; jobs inherit them.
    """
    assert FILES.is_dir(), (
        f'there is no Slurm in {FILES}: `make test` unpacks it there from packages of Debian 12, '
        'which takes apt-get, dpkg and a mirror that is reached'
    )
    libraries = next(FILES.glob('usr/lib/*-linux-gnu'))
    host = socket.gethostname().split('.')[0]
    environment = dict(
        os.environ,
        SLURM_CONF=f'{folder}/slurm.conf',
        PATH=f'{FILES}/usr/bin:{os.environ["PATH"]}',
        LD_LIBRARY_PATH=f'{libraries}:{libraries}/slurm-wlm',
    )
    for name in ('state', 'spool'):
        (folder / name).mkdir()
    folder.chmod(0o700)
    key = folder / 'munge.key'
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o600)
    (folder / 'slurm.conf').write_text(
        CONFIGURATION.format(
            host=host,
            user=getpass.getuser(),
            folder=folder,
            ports=free_ports(2),
            plugins=libraries / 'slurm-wlm',
        )
    )

    def daemon(name, *flags):
        log = stack.enter_context((folder / f'{name}.log').open('w'))
        return stack.enter_context(
            running(FILES / 'usr/sbin' / name, *flags, env=environment, stdout=log, stderr=log)
        )

    def answers(*command):
        return subprocess.run(
            command, env=environment, capture_output=True, text=True
        ).stdout.strip()

    with ExitStack() as stack:
        daemons = [
            daemon(
                'munged',
                '--foreground',
                '--force',
                '--key-file',
                key,
                '--socket',
                folder / 'munge.socket',
                '--pid-file',
                folder / 'munged.pid',
                '--seed-file',
                folder / 'munge.seed',
            )
        ]
        wait_for((folder / 'munge.socket').exists, daemons)
        daemons.append(daemon('slurmctld-wlm', '-D', '-c'))
        daemons.append(
            daemon('slurmd-wlm', '-D', '-N', host, '-d', FILES / 'usr/sbin/slurmstepd-wlm')
        )
        wait_for(lambda: answers('sinfo', '--noheader', '--format=%T') == 'idle', daemons)
        yield environment
