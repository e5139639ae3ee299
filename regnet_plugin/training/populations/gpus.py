"""The GPUs of this machine that networks are trained on."""

import os
import subprocess
from shutil import which

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.populations import start


def visible_gpus():
    """Identifiers of the GPUs that PyTorch finds; it is only asked, in seconds, where there may be
    any.

    Returns:
        list[str]: as in CUDA_VISIBLE_DEVICES, and in its order if it is set.

    Raises:
        UserError: if PyTorch cannot be asked.
    """
    given = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = [name.strip() for name in (given or '').split(',') if name.strip() not in ('', '-1')]
    if not names and (given is not None or which('nvidia-smi') is None):
        return []
    asked = subprocess.run(
        start.command('regnet_plugin.training.populations.gpu_count'),
        stdout=subprocess.PIPE,
        text=True,
    )
    if asked.returncode:
        raise UserError(
            'the process that asks PyTorch how many GPUs there are must end well, but it ended '
            'with '
            f'{asked.returncode}; with CUDA_VISIBLE_DEVICES= none is asked for'
        )
    count = int(asked.stdout)
    return names[:count] if names else list(map(str, range(count)))
