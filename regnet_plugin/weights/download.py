"""Files from addresses, once: whole ones are kept where PyTorch keeps its own."""
import os
import urllib.error
import urllib.request
from pathlib import Path

import torch
from mmengine.dist import barrier, get_local_rank, is_distributed
from rich.progress import wrap_file

from regnet_plugin.weights.files import check_beginning

_TIMEOUT = 60  # seconds without a byte


def fetch(url, name):
    """Download a file unless it is there; of the processes of a machine one does so, and the others wait.

    Args:
        url (str): of the file.
        name (str): that it is kept under, in ``checkpoints`` of ``torch.hub.get_dir()``.

    Returns:
        Path: of the whole file.

    Raises:
        ValueError: in one line, naming the address, if it cannot be had.
    """
    path = Path(torch.hub.get_dir(), 'checkpoints', name)
    try:
        if not path.exists() and (not is_distributed() or get_local_rank() == 0):
            _download(url, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, 'reason', None) or error
        raise ValueError(f'{url} cannot be downloaded: {reason}. A file from elsewhere serves as well: its path in place '
                         'of the name') from None
    finally:
        barrier()
    if not path.exists():
        raise ValueError(f'{url} was not downloaded by the first process of this machine')
    return path


def _download(url, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer, unfinished.open('wb') as file:
            length = int(answer.headers.get('Content-Length') or 0)
            with wrap_file(answer, length, description=path.name, transient=True) as source:
                while data := source.read(2**20):
                    file.write(data)
        size = unfinished.stat().st_size
        if length and size != length:
            raise ValueError(f'the connection ended after {size:,} of {length:,} bytes')
        check_beginning(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
