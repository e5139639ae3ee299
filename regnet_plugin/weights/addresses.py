"""Weights by address, ``scheme://name``: pretrained RegNets, beside MMEngine's own addresses.

What follows the scheme is a name that the library has published weights under, the address of a
file, or a path::

    pycls://RegNetY-3.2GF                    the authors' weights
    timm://regnety_032.ra_in1k               any RegNet of timm's on the Hugging Face hub
    tv://regnet_y_3_2gf.imagenet1k_v2        torchvision's; without the second part its first ones
    detectron2://mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ     the backbone of a detector
    transformers://regnet-y-040              Hugging Face transformers', of facebook's repositories
    vissl://PATH  classy://PATH              files of vissl (SEER) and ClassyVision
    pycls:///data/mine.pyth  tv://https://…  files in these libraries' formats

All give a classifier of ours, names with ``backbone.``, for RGB images; a backbone takes its part
of it. OpenMMLab's ``open-mmlab://regnetx_3.2gf``, and checkpoints by address or path, give what is
in the file.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.fileio import get_local_path
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_external_models

from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.download import fetch
from regnet_plugin.weights.files import read_training, read_weights
from regnet_plugin.weights.matching import ALGORITHMS, below
from regnet_plugin.weights.name_advice import hidden_names
from regnet_plugin.weights.published_files import (
    PUBLISHED_PLACES,
    SCHEMES,
    check_known,
    file_name,
    library_at,
)
from regnet_plugin.weights.state_dicts import plain_name

# Before any address or path, for MMEngine to load it as we do: the weights, or all that a training
# goes on from.
WEIGHTS_ONLY = 'weights-only://'
TRAINING_ONLY = 'training-only://'

_NOT_OURS = ('torchvision', 'modelzoo')  # MMEngine's schemes of torchvision's files, with its names
_ON_THE_WEB = re.compile('https?://')


def read_address(
    address: str, prefix: str | None = None, ema: bool | None = None
) -> dict[str, torch.Tensor]:
    """Read the weights at an address of one of the `SCHEMES`.

    Args:
        address: see above.
        prefix: what the library's names begin with in the file. Default: none, or one of
            `ALGORITHMS`.
        ema: as `read_weights`.

    Returns:
        Tensors named as in a classifier of ours, for RGB images.

    Raises:
        ValueError: in one line, if there is no such name, or nothing that can be loaded.
    """
    scheme, _, rest = address.partition('://')
    library, file_of = SCHEMES[scheme]
    is_place = '/' in rest or '\\' in rest
    try:
        path = _local_path(rest) if is_place else fetch(*file_of(rest))
        weights = _without_prefix(read_weights(path, ema), library, prefix)
        return convert(weights, library, 'ours')
    except ValueError as error:
        raise ValueError(f'{address}: {error}') from None


def _without_prefix(
    weights: dict[str, torch.Tensor], library: str, prefix: str | None
) -> dict[str, torch.Tensor]:
    """The weights behind what was said to stand before a library's names, or usually does."""
    if prefix is not None:
        prefix = plain_name(prefix.rstrip('.') + '.')
    else:
        found = hidden_names(weights)
        prefix = found[0] if found and found[1] == library and found[0] in ALGORITHMS else None
    behind = below(weights, prefix) if prefix else {}
    return behind or weights


def read_checkpoint(
    source: str | Path, prefix: str | None = None, ema: bool | None = None
) -> dict[str, torch.Tensor]:
    """Read the weights of an address of ours, of OpenMMLab, of the web, of a cloud, or in a file.

    Args:
        source: the address or path.
        prefix: of the names in a file of another library, see `read_address`; else it is not asked.
        ema: as `read_weights`.

    Returns:
        Tensors converted to ours from other libraries' addresses, else as they are in the file.

    Raises:
        ValueError: in one line, for what cannot be loaded.
        OSError: if a file cannot be read.
    """
    source = str(source)
    scheme = source.partition('://')[0] if '://' in source else ''
    if scheme in SCHEMES:
        return read_address(source, prefix, ema)
    if scheme in _NOT_OURS:
        raise ValueError(
            "torchvision's weights must be named as tv://regnet_y_3_2gf, which gives them our "
            f'names, but this is {source}'
        )
    alias = re.fullmatch('open-?mmlab://(.+)', source)
    if alias:
        return read_weights(_of_openmmlab(alias[1]), ema)
    library = library_at(source)
    if library:
        return convert(read_weights(fetch(source, file_name(source)), ema), library, 'ours')
    if not scheme or _ON_THE_WEB.match(source):
        return read_weights(_local_path(source), ema)
    with _copy_from_cloud(source) as path:
        return read_weights(path, ema)


def _of_openmmlab(name: str) -> Path:
    """The file that OpenMMLab's alias means."""
    urls = get_external_models()
    check_known(name, urls, 'open-mmlab://')
    url = urls[name]
    return fetch(url, file_name(url))


@contextmanager
def _copy_from_cloud(source: str) -> Iterator[Path]:
    """A local copy of a file that one of MMEngine's backends reaches."""
    try:
        copy = get_local_path(source)
        path = copy.__enter__()
    except Exception as error:  # each backend has its own
        raise ValueError(
            f'{source} must be a path, or an address that begins with {", ".join(SCHEMES)}, '
            "open-mmlab, https or what one of MMEngine's backends reaches, but "
            f'{type(error).__name__}: {error}'
        ) from None
    try:
        yield path
    finally:
        copy.__exit__(None, None, None)


def _local_path(place: str) -> Path:
    """The path of a file on the web, which is fetched, or on this machine."""
    if not _ON_THE_WEB.match(place):
        return Path(place).expanduser()
    # files of one name on several servers are different files
    address_digest = hashlib.sha256(place.encode()).hexdigest()[:8]
    return fetch(place, f'{address_digest}-{file_name(place)}')


@CheckpointLoader.register_scheme(prefixes=[f'{scheme}://' for scheme in SCHEMES])
def load_from_regnets(filename: str, map_location: Any = None) -> dict[str, Any]:
    """MMEngine's loader of these addresses; weights stay on the CPU until a network takes them."""
    return dict(state_dict=read_address(filename))


@CheckpointLoader.register_scheme(prefixes=list(PUBLISHED_PLACES))
def load_from_published_places(filename: str, map_location: Any = None) -> dict[str, Any]:
    """MMEngine's loader of files that libraries publish, such as metafiles name."""
    return dict(state_dict=read_checkpoint(filename))


@CheckpointLoader.register_scheme(prefixes=WEIGHTS_ONLY)
def load_from_anywhere(filename: str, map_location: Any = None) -> dict[str, Any]:
    """MMEngine's loader of what `read_checkpoint` takes.

    MMEngine's own one trusts a file that does not load as weights only.
    """
    return dict(state_dict=read_checkpoint(filename.removeprefix(WEIGHTS_ONLY)))


@CheckpointLoader.register_scheme(prefixes=TRAINING_ONLY)
def load_from_training(filename: str, map_location: Any = 'cpu') -> dict[str, Any]:
    """MMEngine's loader of a checkpoint, in a file or on the web, that a training goes on from."""
    return read_training(_local_path(filename.removeprefix(TRAINING_ONLY)), map_location)
