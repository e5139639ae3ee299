"""Joining the processes of a distributed run, also without a GPU, where MMEngine asks for CUDA."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.model import MMDistributedDataParallel
from torch import nn

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.synchronized_norm import synchronized_on_cpus
from regnet_plugin.registry import MODEL_WRAPPERS


@dataclass(frozen=True)
class _Launcher:
    """What starts the processes of a run, and how each one learns who it is.

    Attributes:
        command: what a message calls it.
        rank, world_size, local_rank: environment variables with the number of a process, how many
            there are, and its number on its node.
    """

    command: str
    rank: str
    world_size: str
    local_rank: str

    @property
    def variables(self) -> tuple[str, str, str]:
        return self.rank, self.world_size, self.local_rank


_LAUNCHERS = {
    'pytorch': _Launcher(
        'torchrun: tools/dist_train.sh CONFIG GPUS', 'RANK', 'WORLD_SIZE', 'LOCAL_RANK'
    ),
    'slurm': _Launcher(
        'srun: tools/slurm_train.sh PARTITION JOB_NAME CONFIG',
        'SLURM_PROCID',
        'SLURM_NTASKS',
        'SLURM_LOCALID',
    ),
    'mpi': _Launcher(
        'mpirun',
        'OMPI_COMM_WORLD_RANK',
        'OMPI_COMM_WORLD_SIZE',
        'OMPI_COMM_WORLD_LOCAL_RANK',
    ),
}
_PYTORCH_PORT = '29500'  # torchrun's default
# Ports from 10000 on, below 32768, from which Linux gives them out by itself.
_FIRST_SLURM_PORT = 10000
_SLURM_PORTS = 20000
# Jobs of a node differ by little: their steps' ports lie apart, up to this many jobs.
_JOBS_BETWEEN_STEPS = 1000


@MODEL_WRAPPERS.register_module()
class CPUDistributedDataParallel(MMDistributedDataParallel):
    """MMEngine's wrapper, for processes on CPUs: SyncBN is of a kind that works there.

    Args:
        module (nn.Module): the model; its normalizations are replaced.
        **kwargs: of PyTorch's DistributedDataParallel.
    """

    def __init__(self, module: nn.Module, **kwargs: Any) -> None:
        super().__init__(synchronized_on_cpus(module), **kwargs)


@contextmanager
def processes(config: Config) -> Iterator[None]:
    """Join the other processes of a distributed run for the duration of the context, if any.

    On CPUs gloo is started and MMEngine told to wrap the model without a device; with GPUs MMEngine
    does all by itself.

    Args:
        config: whose ``launcher`` says who started the processes; changed for the CPU.

    Raises:
        UserError: if this process was not started by that launcher.
    """
    name = config.get('launcher', 'none')
    if name == 'none':
        yield
        return
    launcher = _LAUNCHERS[name]
    missing = [variable for variable in launcher.variables if variable not in os.environ]
    if missing:
        raise UserError(
            f'--launcher {name} is for processes started by {launcher.command}; {missing[0]} is '
            'not set'
        )
    is_slurm = name == 'slurm'
    if is_slurm:
        os.environ.setdefault('MASTER_PORT', _slurm_port())
    if not torch.cuda.is_available():
        _join_on_cpu(launcher, is_slurm)
        _wrap_on_cpu(config)
    yield
    if torch.distributed.is_initialized():
        # Together, or the first one to leave takes the others down.
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _slurm_port() -> str:
    """A port of this job step's own, for others may run on the node."""
    job = int(os.environ['SLURM_JOB_ID'])
    step = int(os.environ['SLURM_STEP_ID'])
    return str(_FIRST_SLURM_PORT + (job + _JOBS_BETWEEN_STEPS * step) % _SLURM_PORTS)


def _slurm_address() -> str:
    """The first node of the job step, where rank 0 is.

    A single node is not asked for by name, which may not resolve.
    """
    if os.environ['SLURM_STEP_NUM_NODES'] == '1':
        return '127.0.0.1'
    command = ['scontrol', 'show', 'hostnames', os.environ['SLURM_STEP_NODELIST']]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return output.split()[0]


def _join_on_cpu(launcher: _Launcher, is_slurm: bool) -> None:
    """Tell PyTorch who this process is, in its own variables, and meet the others."""
    for own, given in zip(_LAUNCHERS['pytorch'].variables, launcher.variables):
        os.environ[own] = os.environ[given]
    if 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _slurm_address() if is_slurm else '127.0.0.1'
    os.environ.setdefault('MASTER_PORT', _PYTORCH_PORT)
    torch.distributed.init_process_group('gloo')


def _wrap_on_cpu(config: Config) -> None:
    """Have the model wrapped for processes without a device."""
    config.model_wrapper_cfg = dict(
        type='regnet_plugin.CPUDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,  # as MMEngine has it: each process keeps its own statistics
        find_unused_parameters=config.get('find_unused_parameters', False),
    )
