"""The GPUs of this machine that networks are trained on, and how many networks at a time."""

import os
import subprocess
from shutil import which

from regnet_plugin.cli.errors import UserError
from regnet_plugin.pool import usable_cores
from regnet_plugin.training.workers import start
from regnet_plugin.training.workers.training_processes import THREADS


def visible_gpus() -> list[str]:
    """Return the identifiers of the GPUs that PyTorch finds.

    PyTorch is only asked where there may be any, since that takes seconds.

    Returns:
        identifiers as in CUDA_VISIBLE_DEVICES, and in its order if it is set; else numbers from 0.

    Raises:
        UserError: if PyTorch cannot be asked.
    """
    given = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = [] if given is None else _listed_gpus(given)
    if not names:
        hidden = given is not None
        if hidden or which('nvidia-smi') is None:
            return []
    count = _gpu_count()
    if names:
        return names[:count]
    return [str(number) for number in range(count)]


def networks_at_a_time(gpus: int, processes: int) -> int:
    """Return how many networks are trained at a time on this machine, unless one says how many.

    It is one per GPU, or per group of them where several train a network together; without GPUs it
    is as many as there are cores for their threads.

    Args:
        gpus: how many there are.
        processes: that train one network together.
    """
    places = gpus if gpus else usable_cores() // THREADS
    return max(1, places // processes)


def _listed_gpus(variable: str) -> list[str]:
    """The entries of CUDA_VISIBLE_DEVICES that name a GPU; -1 names none."""
    entries = [entry.strip() for entry in variable.split(',')]
    return [entry for entry in entries if entry not in ('', '-1')]


def _gpu_count() -> int:
    """How many GPUs PyTorch finds, asked in another process.

    Raises:
        UserError: if that process does not end well.
    """
    asked = subprocess.run(
        start.command('regnet_plugin.training.workers.gpu_count'),
        stdout=subprocess.PIPE,
        text=True,
    )
    if asked.returncode:
        raise UserError(
            'the process that asks PyTorch how many GPUs there are must end well, but it ended '
            f'with {asked.returncode}; with CUDA_VISIBLE_DEVICES= none is asked for'
        )
    return int(asked.stdout)
