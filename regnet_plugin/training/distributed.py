"""Joining the processes of a distributed run on machines without a GPU, where MMEngine's own way in
asks for CUDA.
"""

import os
import subprocess
from contextlib import contextmanager

import torch
from mmengine.model import MMDistributedDataParallel

from regnet_plugin.cli.errors import UserError
from regnet_plugin.models.synchronized_norm import synchronized_on_cpus
from regnet_plugin.registry import MODEL_WRAPPERS

# Who starts the processes, and the variables in which it tells each one who it is: rank, number of
# ranks, rank on its node.
_IDENTITY = {
    'pytorch': ('RANK', 'WORLD_SIZE', 'LOCAL_RANK'),
    'slurm': ('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_LOCALID'),
    'mpi': ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK'),
}
_STARTERS = {
    'pytorch': 'torchrun: tools/dist_train.sh CONFIG GPUS',
    'slurm': 'srun: tools/slurm_train.sh PARTITION JOB_NAME CONFIG',
    'mpi': 'mpirun',
}


@MODEL_WRAPPERS.register_module()
class CPUDistributedDataParallel(MMDistributedDataParallel):
    """MMEngine's wrapper, for processes on CPUs: SyncBN is of a kind that works there.

    Args:
        module (nn.Module): the model; its normalizations are replaced.
        **kwargs: of PyTorch's DistributedDataParallel.
    """

    def __init__(self, module, **kwargs):
        super().__init__(synchronized_on_cpus(module), **kwargs)


@contextmanager
def processes(config):
    """Join the other processes of a distributed run for the duration of the context, if there are
    any.

    On CPUs gloo is started and MMEngine told to wrap the model without a device; with GPUs MMEngine
    does all by itself.

    Args:
        config (mmengine.Config): whose ``launcher`` says who started the processes; changed for the
            CPU.

    Raises:
        UserError: if this process was not started by that launcher.
    """
    launcher = config.get('launcher', 'none')
    if launcher == 'none':
        yield
        return
    missing = [name for name in _IDENTITY[launcher] if name not in os.environ]
    if missing:
        raise UserError(
            f'--launcher {launcher} is for processes started by {_STARTERS[launcher]}; '
            f'{missing[0]} is not set'
        )
    if launcher == 'slurm':
        os.environ.setdefault('MASTER_PORT', _slurm_port())
    if not torch.cuda.is_available():
        _join_on_cpu(config, launcher)
    yield
    if torch.distributed.is_initialized():  # together, or the first to leave takes the others down
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _slurm_port():
    """A port of this job step's own, for others may run on the node; below those that Linux gives
    out by itself.
    """
    return str(
        10000 + (int(os.environ['SLURM_JOB_ID']) + 1000 * int(os.environ['SLURM_STEP_ID'])) % 20000
    )


def _slurm_address():
    """The first node of the job step, where rank 0 is. A single node is not asked for by name,
    which may not resolve.
    """
    if os.environ['SLURM_STEP_NUM_NODES'] == '1':
        return '127.0.0.1'
    names = ['scontrol', 'show', 'hostnames', os.environ['SLURM_STEP_NODELIST']]
    return subprocess.run(names, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[0]


def _join_on_cpu(config, launcher):
    os.environ.update(zip(_IDENTITY['pytorch'], (os.environ[name] for name in _IDENTITY[launcher])))
    if 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _slurm_address() if launcher == 'slurm' else '127.0.0.1'
    os.environ.setdefault('MASTER_PORT', '29500')
    torch.distributed.init_process_group('gloo')
    config.model_wrapper_cfg = dict(
        type='regnet_plugin.CPUDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=config.get('find_unused_parameters', False),
    )
