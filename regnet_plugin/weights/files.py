"""The weights in a checkpoint, whoever wrote it, read without running anything that is in it."""

import pickle
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import print_log

from regnet_plugin.files import unfinished
from regnet_plugin.weights.conversion import renamed
from regnet_plugin.weights.safe_unpickling import (
    load_arrays,
    load_ignoring_the_rest,
    load_with_history,
)
from regnet_plugin.weights.state_dicts import PLACES, is_counter, plain_name, state_dict_in

# Where a file that we write has it, by the library whose layout it is in.
_PLACE_IN_FILE = {'ours': 'state_dict', 'openmmlab': 'state_dict', 'pycls': 'model_state'}
# Times its size that a file may become when it is unpacked: PyTorch does not compress, so that
# more is no checkpoint but an attack on the memory.
_UNPACKED = 4
_SMALLEST = 64  # bytes; no checkpoint is so short
_SHARDED = (
    'holds the shards of one process (DTensor), and no whole weights: get_model_state_dict(model, '
    'options=StateDictOptions(full_state_dict=True)) of torch.distributed.checkpoint.state_dict '
    'gives those to be saved'
)
_HTML_PAGE = re.compile(rb'(\xef\xbb\xbf)?\s*<[!?a-zA-Z]')


def read_weights(path: str | Path, ema: bool | None = None) -> dict[str, torch.Tensor]:
    """Read the state dict of a checkpoint of any of the libraries.

    They are those of `LIBRARY_LAYOUTS`, MMEngine and Lightning. Files of PyTorch
    are loaded with ``weights_only=True``; what they write beside the weights is not even made.

    Args:
        path: of the file: PyTorch's, detectron2's ``.pkl`` or ``.safetensors``.
        ema: whether averages of the weights are taken, where the file has both. Default: None, as
            the library does: averages of timm and torchvision, which is said.

    Returns:
        Tensors by name, on the CPU. Names are without what PyTorch puts around a model that is
        distributed, compiled or averaged.

    Raises:
        ValueError: in one line, for a file that is no checkpoint, is cut off, would run code, or
            holds no weights.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    _check_unpacked(path)
    load = _loader(path)
    with _in_one_line(path):
        checkpoint = load(path)
    try:
        found = state_dict_in(checkpoint, ema)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from None
    with _in_one_line(path):
        arrays = {
            name: torch.as_tensor(value)
            for name, value in found.weights.items()
            if _is_array(value)
        }
    if not arrays or len(arrays) < len(found.weights):
        raise ValueError(
            f'{path} must hold a state dict, by itself or as {", ".join(PLACES)}, but there is none'
        )
    with _in_one_line(path):
        weights = renamed(arrays, plain_name)
    weights = {name: value for name, value in weights.items() if not is_counter(name)}
    _check_names(path, weights)
    _check_tensors(path, weights)
    if found.averaged:
        print_log(
            f'{path}: the averages of its weights are taken ({found.averaged}); ema=False takes '
            'the weights themselves',
            'current',
        )
    return weights


def _is_array(value: object) -> bool:
    return isinstance(value, torch.Tensor) or type(value).__module__ == 'numpy'


def _check_names(path: Path, checkpoint: Mapping[Any, object]) -> None:
    """Refuse names that change what a terminal shows.

    PyTorch and MMEngine print them as they are.
    ."""
    strange = [name for name in _names_in(checkpoint) if not name.isprintable()]
    if strange:
        raise ValueError(
            f'{path} must have names of printable characters, but {len(strange)} have others, '
            f'first {strange[0]!r}'
        )


def _names_in(checkpoint: Mapping[Any, object]) -> Iterator[str]:
    """Yield the names in a checkpoint, and in the dicts that are in it."""
    for name, value in checkpoint.items():
        yield str(name)
        if isinstance(value, dict):
            yield from _names_in(value)


def _check_tensors(path: Path, weights: Mapping[str, torch.Tensor]) -> None:
    """Refuse tensors that are no plain ones, or pretend to be larger than their file."""
    if any(type(value).__name__ == 'DTensor' for value in weights.values()):
        raise ValueError(f'{path} {_SHARDED}')
    strange = [name for name, value in weights.items() if not _is_plain(value)]
    if strange:
        raise ValueError(
            f'{path} must hold plain tensors, but {len(strange)} are sparse, quantized or without '
            f'values, first {strange[0]}'
        )
    size = path.stat().st_size
    large = [name for name, value in weights.items() if value.nbytes > size]
    if large:
        raise ValueError(
            f'{path} must hold its tensors, but {len(large)} are larger than the file of {size:,} '
            f'bytes, first {large[0]}'
        )


def _is_plain(value: torch.Tensor) -> bool:
    return (
        value.layout == torch.strided
        and value.device.type == 'cpu'
        and not (value.is_quantized or value.is_nested)
    )


def read_training(path: str | Path, map_location: Any = 'cpu') -> dict[str, Any]:
    """Read a checkpoint of MMEngine, or what hooks added to it, to go on from.

    Loaded with ``weights_only=True``: beside tensors and plain values it may hold MMEngine's
    history, and NumPy's numbers.

    Args:
        path: of the file.
        map_location: as `torch.load` takes it.

    Returns:
        The checkpoint, with ``state_dict`` and ``meta``.

    Raises:
        ValueError: in one line, for a file that is no such checkpoint, is cut off, or would run
            code.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    _check_unpacked(path)
    with _in_one_line(path):
        checkpoint = load_with_history(path, map_location)
    if not isinstance(checkpoint, dict) or not {'state_dict', 'meta'} <= checkpoint.keys():
        raise ValueError(
            f'{path} must be a checkpoint of a training, with state_dict and meta, but it is none'
        )
    _check_names(path, checkpoint)
    return checkpoint


def read_classes(path: str | Path) -> tuple[str, ...]:
    """Read the names of the classes that a checkpoint of MMEngine notes of its training.

    There are none where it notes none.

    Raises:
        ValueError: as `read_weights`.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    if _loader(path) is not load_ignoring_the_rest:
        return ()
    with _in_one_line(path):
        found = load_ignoring_the_rest(path)
    for key in ('meta', 'dataset_meta', 'classes'):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, (list, tuple)) or not all(isinstance(name, str) for name in found):
        return ()
    return tuple(found)


@contextmanager
def _in_one_line(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a file."""
    try:
        yield
    except OSError:
        raise
    except pickle.UnpicklingError as error:  # PyTorch's advice is to trust the file
        if 'DTensor' in str(error):
            raise ValueError(f'{path} {_SHARDED}') from None
        stranger = re.search(r'GLOBAL (\S+)', str(error))
        what = f'calls {stranger[1]}' if stranger else 'is no checkpoint'
        raise ValueError(
            f'{path} must hold weights, and beside them only what these libraries write, but it '
            f'{what}'
        ) from None
    except Exception as error:  # damaged bytes can pass for anything
        first = str(error).strip().partition('\n')[0]
        if 'TorchScript' in first:
            raise ValueError(
                f'{path} is no checkpoint but a program of TorchScript, which is not run here; '
                'where you trust it, torch.save(torch.jit.load(path).state_dict(), file) writes '
                'its weights'
            ) from None
        raise ValueError(f'{path} is no checkpoint, or was cut off: {first}') from None


def check_beginning(path: str | Path) -> None:
    """Refuse what is obviously no checkpoint, such as a server's page saved under its name.

    Raises:
        ValueError: saying what the file is.
    """
    if Path(path, '.metadata').is_file():
        raise ValueError(
            f'{path} must be a file, but it is a folder of torch.distributed.checkpoint: python -m '
            'torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER FILE makes one of it'
        )
    with Path(path).open('rb') as file:
        first = file.read(_SMALLEST)
    if _HTML_PAGE.match(first):
        raise ValueError(
            f'{path} must be a checkpoint, but it is a page of HTML: '
            f'{first.decode(errors="replace").strip()!r}'
        )
    if len(first) < _SMALLEST:
        raise ValueError(f'{path} must be a checkpoint, but it has {len(first)} bytes')


def _check_unpacked(path: Path) -> None:
    """Refuse a file that unpacks to much more than it is, before it is read.

    Raises:
        ValueError: saying how large it would become.
    """
    if not zipfile.is_zipfile(path):
        return
    with _in_one_line(path), zipfile.ZipFile(path) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    size = path.stat().st_size
    if unpacked > _UNPACKED * size:
        raise ValueError(
            f'{path} must hold its weights uncompressed, as PyTorch writes them, but its {size:,} '
            f'bytes would become {unpacked:,}'
        )


def _loader(path: Path) -> Callable[[Path], Any]:
    """What loads a file of this suffix."""
    if path.suffix == '.safetensors':
        return _safetensors_loader(path)
    return load_arrays if path.suffix == '.pkl' else load_ignoring_the_rest


def _safetensors_loader(path: Path) -> Callable[[Path], Any]:
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise ValueError(f'{path} is of safetensors: pip install safetensors') from None
    return load_file


def write_weights(path: Path, weights: Mapping[str, torch.Tensor], library: str) -> None:
    """Write a state dict as a library keeps it; the file is there once it is whole.

    Args:
        path: of the file; ``.safetensors`` or a file of PyTorch.
        weights: with the names of the library.
        library: key of `regnet_plugin.weights.library_layouts.LIBRARY_LAYOUTS`.

    Raises:
        ValueError: if safetensors is not installed.
        OSError: if the file cannot be written.
    """
    # Copies: a tensor may be a part of another one's memory, which safetensors refuses and PyTorch
    # writes whole.
    weights = {
        name: value.clone(memory_format=torch.contiguous_format) for name, value in weights.items()
    }
    try:
        with unfinished(path) as part:
            if path.suffix == '.safetensors':
                _write_safetensors(weights, part)
            else:
                place = _PLACE_IN_FILE.get(library)
                torch.save({place: weights} if place else weights, part)
    except RuntimeError as error:  # of a disk that is full, say
        first = str(error).strip().partition('\n')[0]
        raise OSError(f'{path} cannot be written: {first}') from None


def _write_safetensors(weights: dict[str, torch.Tensor], path: Path) -> None:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import save_file
    except ImportError:
        raise ValueError(f'{path} is of safetensors: pip install safetensors') from None
    try:
        save_file(weights, path, metadata=dict(format='pt'))
    except SafetensorError as error:
        raise RuntimeError(error) from None
