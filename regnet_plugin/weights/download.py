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

_TIMEOUT = 60  # seconds without a byte, after which a server is taken for dead
_CHUNK = 2**20  # bytes that are read at a time
_AS_THEY_ARE = "%/:=&?~#+!$,;'@()*[]"  # characters of an address that are not to be quoted
_HEADERS = {'User-Agent': 'torch.hub'}  # some servers refuse Python's own


def fetch(url: str, name: str) -> Path:
    """Download a file unless it is there; of several processes one does so, and the others wait.

    What a killed process leaves behind, `.part-<number>-<name>`, the next one removes. Where the
    name ends in a hash, as those of PyTorch, timm and OpenMMLab, the file must have it.

    Args:
        url: of the file.
        name: that it is kept under, in ``checkpoints`` of ``torch.hub.get_dir()``.

    Returns:
        The path of the whole file.

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
            'its path in place of the name'
        ) from None
    return path


def _download(url: str, path: Path) -> None:
    """Write a file from the web, which must be a whole checkpoint with the hash in its name."""
    with unfinished(path) as part:
        digest = _write_answer(url, part, path.name)
        try:
            read_weights(part)
        except ValueError as error:
            raise ValueError(str(error).replace(str(part), 'what came')) from None
        expected = hash_in(path.name)
        if not digest.startswith(expected):
            raise ValueError(
                f'what came must have the SHA-256 {expected}… of its name, but it has {digest}'
            )


def _write_answer(url: str, path: Path, name: str) -> str:
    """Write what a server answers into a file, under a bar of a name; return its SHA-256.

    Raises:
        ValueError: if less came than the server said.
    """
    quoted = urllib.parse.quote(url, safe=_AS_THEY_ARE)
    request = urllib.request.Request(quoted, headers=_HEADERS)
    digest = hashlib.sha256()
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer, path.open('xb') as file:
        length = int(answer.headers.get('Content-Length') or 0)
        with wrap_file(answer, length, description=name, transient=True) as source:
            while data := source.read(_CHUNK):
                file.write(data)
                digest.update(data)
        file.flush()
        os.fsync(file.fileno())  # before the name says that it is whole
    size = path.stat().st_size
    if length and size != length:
        raise ValueError(f'the connection ended after {size:,} of {length:,} bytes')
    return digest.hexdigest()


def hash_in(name: str) -> str:
    """The beginning of its SHA-256 that a file's name tells; '' where it tells none.

    It is 89bfc226 of ``net_20211213-89bfc226.pth``, say. A date is none.
    """
    found = re.fullmatch(r'.*-([0-9a-f]{8,64})\.\w+', name)
    if not found:
        return ''
    is_date = re.fullmatch(r'(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])', found[1])
    return '' if is_date else found[1]


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    reason: object = error
    if not isinstance(error, urllib.error.HTTPError):  # whose reason lacks the number
        reason = getattr(error, 'reason', None) or error
    return ' '.join(str(reason).split()) or type(error).__name__
