"""Files from addresses, once: whole ones are kept where PyTorch keeps its own."""

import hashlib
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from pathlib import Path

import torch
from rich.progress import wrap_file

from regnet_plugin.files import locked, remove_unfinished, unfinished
from regnet_plugin.weights.files import read_weights

_TIMEOUT = 60  # seconds without a byte
_AS_THEY_ARE = "%/:=&?~#+!$,;'@()*[]"  # characters of an address
_HEADERS = {'User-Agent': 'torch.hub'}  # some servers refuse Python's own


def fetch(url, name):
    """Download a file unless it is there; of several processes one does so, and the others wait.

    What a killed process leaves behind, `.part-<number>-<name>`, the next one removes. Where the
    name ends in a hash, as those of PyTorch, timm and OpenMMLab, the file must have it.

    Args:
        url (str): of the file.
        name (str): that it is kept under, in ``checkpoints`` of ``torch.hub.get_dir()``.

    Returns:
        Path: of the whole file.

    Raises:
        ValueError: in one line, naming the address, if it cannot be had, or is no checkpoint.
    """
    path = Path(torch.hub.get_dir(), 'checkpoints', name)
    try:
        if path.exists():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f'.{name}.lock')):
            if not path.exists():
                remove_unfinished(path)
                _download(url, path)
    except (OSError, ValueError, HTTPException) as error:
        raise ValueError(
            f'{url} cannot be downloaded: {_reason(error)}. A file from elsewhere serves as well: '
            'its path in '
            'place of the name'
        ) from None
    return path


def _download(url, path):
    with unfinished(path) as part:
        request = urllib.request.Request(
            urllib.parse.quote(url, safe=_AS_THEY_ARE), headers=_HEADERS
        )
        digest = hashlib.sha256()
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer, part.open('xb') as file:
            length = int(answer.headers.get('Content-Length') or 0)
            with wrap_file(answer, length, description=path.name, transient=True) as source:
                while data := source.read(2**20):
                    file.write(data)
                    digest.update(data)
            file.flush()
            os.fsync(file.fileno())  # before the name says that it is whole
        size = part.stat().st_size
        if length and size != length:
            raise ValueError(f'the connection ended after {size:,} of {length:,} bytes')
        try:
            read_weights(part)
        except ValueError as error:
            raise ValueError(str(error).replace(str(part), 'what came')) from None
        hashed = hash_in(path.name)
        if not digest.hexdigest().startswith(hashed):
            raise ValueError(
                f'what came must have the SHA-256 {hashed}… of its name, but it has '
                f'{digest.hexdigest()}'
            )


def hash_in(name):
    """The beginning of its SHA-256 that a file's name tells, such as 89bfc226 of
    ``net_20211213-89bfc226.pth``; '' where it tells none. A date is none.
    """
    found = re.fullmatch(r'.*-([0-9a-f]{8,64})\.\w+', name)
    is_date = found and re.fullmatch(r'(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])', found[1])
    return found[1] if found and not is_date else ''


def _reason(error):
    """What went wrong, in one line."""
    reason = (
        error
        if isinstance(error, urllib.error.HTTPError)
        else getattr(error, 'reason', None) or error
    )
    return ' '.join(str(reason).split()) or type(error).__name__
