"""Slurm's own commands, without what an outer job has set for them."""

import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from regnet_plugin.cli.errors import UserError

DAY = 24 * 60  # minutes
# Variables of an outer job, and options of Slurm's commands: sbatch prefers them to what a job's
# script says.
_TOLD_OTHERWISE = (
    'SLURM_',
    'SLURMD_',
    'SBATCH_',
    'SRUN_',
    'SALLOC_',
    'SQUEUE_',
    'SINFO_',
    'SCANCEL_',
)
_WHERE_SLURM_IS = ('SLURM_CONF', 'SLURM_JWT', 'SLURM_CLUSTERS')
_SINFO_FORMAT = '%P %l %G'  # name, limit and GPUs of a partition; * behind the default one's name


@dataclass(frozen=True)
class Partition:
    """What a partition, or the smallest of several, gives to a task.

    Attributes:
        has_gpus: whether it has GPUs.
        limit: minutes that a task may take; infinity if there is no limit.
    """

    has_gpus: bool
    limit: float


def ask(*command: str) -> tuple[int, str]:
    """Run a command of Slurm; return its exit code and what it said, in English.

    Raises:
        UserError: if there is no such command.
    """
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**_own_variables(), 'LC_ALL': 'C'},
        )
    except FileNotFoundError:
        raise UserError(_no_command(command[0])) from None
    return done.returncode, done.stdout.strip()


def check_commands() -> None:
    """Check that there is what submitit and its jobs run.

    Submitit would say so with a traceback, or not at all.

    Raises:
        UserError: if a command is not there.
    """
    for command in ('sbatch', 'srun'):
        if shutil.which(command) is None:
            raise UserError(_no_command(command))


def _no_command(name: str) -> str:
    return f'there is no {name} here: --launcher slurm is for machines that submit to Slurm'


def _own_variables() -> dict[str, str]:
    """The variables of this process, but for those that tell Slurm's commands otherwise.

    A process within another job has such variables.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_TOLD_OTHERWISE) or name in _WHERE_SLURM_IS
    }


@contextmanager
def without_outer_job() -> Iterator[None]:
    """Let what is submitted within it get nothing of a job that this process may be part of."""
    before = dict(os.environ)
    for name in before.keys() - _own_variables().keys():
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(before)


def find_partition(names: str | None) -> Partition:
    """Ask what a partition gives.

    Args:
        names: of it, or of several with commas between them; None is Slurm's default one.

    Raises:
        UserError: if Slurm does not answer, or has no such partition.
    """
    code, said = ask('sinfo', '--noheader', f'--format={_SINFO_FORMAT}')
    if code:
        raise UserError(f'Slurm does not answer: {without_line_breaks(said)}')
    rows = [line.split(maxsplit=2) for line in said.splitlines()]
    known = {name.rstrip('*') for name, *_ in rows}
    wanted = set(names.split(',')) if names else set()
    if not wanted <= known:
        raise UserError(f'Slurm has no partition {names}, but {", ".join(sorted(known))}')
    has_gpus = False
    limits = []
    for name, limit, gpus in rows:
        is_meant = name.rstrip('*') in wanted if wanted else name.endswith('*')
        if not is_meant:
            continue
        has_gpus = has_gpus or 'gpu' in gpus
        if re.fullmatch(r'[\d:-]+', limit):  # not 'infinite'
            limits.append(minutes_of(limit))
    return Partition(has_gpus, min(limits, default=math.inf))


def minutes_of(text: str) -> int:
    """Read a time as Slurm writes it.

    That is minutes, minutes:seconds, [days-]hours:minutes:seconds or days-hours[:minutes].

    Returns:
        minutes, of which the last one may have begun only.

    Raises:
        ValueError: if it is none of these.
    """
    match = re.fullmatch(r'(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?', text)
    if not match:
        raise ValueError(
            f'a time is written as minutes, hours:minutes:seconds or days-hours, but it is {text!r}'
        )
    days, first, second, third = (int(part or 0) for part in match.groups())
    begins_with_minutes = match[1] is None and match[4] is None
    if begins_with_minutes:
        return first + math.ceil(second / 60)
    return days * DAY + first * 60 + second + math.ceil(third / 60)


def without_line_breaks(text: object) -> str:
    """What was said, without line breaks."""
    return ' '.join(str(text).split())
