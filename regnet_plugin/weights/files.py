"""The weights in a checkpoint, whoever wrote it, read without running anything that is in it."""

import pickle
import re
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from regnet_plugin.files import unfinished
from regnet_plugin.weights.library_layouts import renamed

# Where libraries keep the state dict: MMEngine, pycls, detectron2. timm's and torchvision's files
# are nothing else.
_PLACES = ('state_dict', 'model_state', 'model')
# What is written beside the weights: by MMEngine the history of the training, in NumPy's arrays,
# and what makes those again; by the training scripts of timm and torchvision their arguments.
_MAKERS = tuple(
    f'numpy.{core}.multiarray.{name}'
    for core in ('core', '_core')
    for name in ('_reconstruct', 'scalar')
)
_BESIDE = (
    'mmengine.logging.history_buffer.HistoryBuffer',
    'builtins.getattr',
    'numpy.ndarray',
    'numpy.dtype',
    *_MAKERS,
    'argparse.Namespace',
)
_ARRAYS = {
    ('numpy', 'ndarray'),
    ('numpy', 'dtype'),
    ('numpy.core.multiarray', '_reconstruct'),
    ('numpy._core.multiarray', '_reconstruct'),
    ('_codecs', 'encode'),
}
_UNPACKED = 4  # times its size that a file may become when it is unpacked
_PAGE = re.compile(rb'(\xef\xbb\xbf)?\s*<[!?a-zA-Z]')


class _Ignored:
    """Stands for an object that is not needed, and for the function that would make it."""

    def __new__(cls, *args):
        return super().__new__(cls)

    def __setstate__(self, state):
        pass


class _OfArrays(pickle.Unpickler):
    """Reads detectron2's files: plain values and NumPy's arrays."""

    def find_class(self, module, name):
        if (module, name) not in _ARRAYS:
            raise pickle.UnpicklingError(f'GLOBAL {module}.{name}')
        return super().find_class(module, name)


def read_weights(path):
    """Read the state dict of a checkpoint of MMEngine, mmpretrain, mmdet, pycls, timm, torchvision
    or detectron2.

    Files of PyTorch are loaded with ``weights_only=True``; what they write beside the weights is
    not even made.

    Args:
        path (str | Path): of the file: PyTorch's, detectron2's ``.pkl`` or ``.safetensors``.

    Returns:
        dict[str, torch.Tensor]: on the CPU.

    Raises:
        ValueError: in one line, for a file that is no checkpoint, is cut off, would run code, or
            holds no weights.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    _check_unpacked(path)
    read = _reader(path)
    with _in_one_line(path):
        checkpoint = read(path)
        found = (
            next((checkpoint[place] for place in _PLACES if place in checkpoint), checkpoint)
            if isinstance(checkpoint, dict)
            else {}
        )
        arrays = (
            {name: torch.as_tensor(value) for name, value in found.items() if _is_array(value)}
            if isinstance(found, dict)
            else {}
        )
    if not arrays or len(arrays) < len(found):
        raise ValueError(
            f'{path} must hold a state dict, by itself or as {", ".join(_PLACES)}, but there is '
            'none'
        )
    with _in_one_line(path):
        weights = renamed(arrays, _name)
    strange = [name for name, value in weights.items() if not _is_plain(value)]
    if strange:
        raise ValueError(
            f'{path} must hold plain tensors, but {len(strange)} are sparse, quantized or without '
            'values, '
            f'first {strange[0]}'
        )
    most = path.stat().st_size
    large = [name for name, value in weights.items() if value.nbytes > most]
    if large:
        raise ValueError(
            f'{path} must hold its tensors, but {len(large)} are larger than the file of {most:,} '
            'bytes, '
            f'first {large[0]}'
        )
    return weights


def read_training(path, map_location='cpu'):
    """Read a checkpoint of MMEngine, or what hooks added to it, to go on from.

    Loaded with ``weights_only=True``: beside tensors and plain values it may hold MMEngine's
    history, and NumPy's numbers.

    Args:
        path (str | Path): of the file.
        map_location (str | torch.device): as `torch.load` takes it. Default: 'cpu'.

    Returns:
        dict: with ``state_dict`` and ``meta``.

    Raises:
        ValueError: in one line, for a file that is no such checkpoint, is cut off, or would run
            code.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    _check_unpacked(path)
    with _in_one_line(path), torch.serialization.safe_globals(_of_history()):
        checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    if not isinstance(checkpoint, dict) or not {'state_dict', 'meta'} <= checkpoint.keys():
        raise ValueError(
            f'{path} must be a checkpoint of a training, with state_dict and meta, but it is none'
        )
    return checkpoint


def read_classes(path: str | Path) -> tuple[str, ...]:
    """Read the names of the classes that a checkpoint of MMEngine notes of its training; none where
    there are none.

    Raises:
        ValueError: as `read_weights`.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    if _reader(path) is not _read_torch:
        return ()
    with _in_one_line(path):
        checkpoint = _read_torch(path)
    found: object = checkpoint
    for key in ('meta', 'dataset_meta', 'classes'):
        found = found.get(key) if isinstance(found, dict) else None
    return (
        tuple(found)
        if isinstance(found, (list, tuple)) and all(isinstance(name, str) for name in found)
        else ()
    )


def _of_history():
    """What a history is made of, under the names of NumPy 1 and 2."""
    core = np.core if np.lib.NumpyVersion(np.__version__) < '2.0.0' else np._core
    makers = [(getattr(core.multiarray, name.rpartition('.')[2]), name) for name in _MAKERS]
    kinds = {
        type(np.dtype(code)) for code in '?' + np.typecodes['AllInteger'] + np.typecodes['Float']
    }
    return [HistoryBuffer, (_statistic, 'builtins.getattr'), np.ndarray, np.dtype, *makers, *kinds]


def _statistic(owner, name):
    """The one thing that a history asks ``getattr`` for."""
    if owner is not HistoryBuffer or name not in ('min', 'max', 'mean', 'current'):
        raise pickle.UnpicklingError(f'GLOBAL builtins.getattr of {owner}, {name}')
    return getattr(owner, name)


@contextmanager
def _in_one_line(path):
    """Say in one line what is wrong with a file."""
    try:
        yield
    except OSError:
        raise
    except pickle.UnpicklingError as error:  # PyTorch's advice is to trust the file
        stranger = re.search(r'GLOBAL (\S+)', str(error))
        raise ValueError(
            f'{path} must hold weights, and beside them only what these libraries write, but it '
            + (f'calls {stranger[1]}' if stranger else 'is no checkpoint')
        ) from None
    except Exception as error:  # damaged bytes can pass for anything
        first = str(error).strip().partition('\n')[0]
        if 'TorchScript' in first:
            raise ValueError(
                f'{path} is no checkpoint but a program of TorchScript, which is not run here; '
                'where you '
                'trust it, torch.save(torch.jit.load(path).state_dict(), file) writes its weights'
            ) from None
        raise ValueError(f'{path} is no checkpoint, or was cut off: {first}') from None


def check_beginning(path):
    """Refuse what is obviously no checkpoint, such as a server's page that was saved under its
    name.

    Raises:
        ValueError: saying what the file is.
    """
    with Path(path).open('rb') as file:
        first = file.read(64)
    if _PAGE.match(first):
        raise ValueError(
            f'{path} must be a checkpoint, but it is a page of HTML: '
            f'{first.decode(errors="replace").strip()!r}'
        )
    if len(first) < 64:
        raise ValueError(f'{path} must be a checkpoint, but it has {len(first)} bytes')


def _check_unpacked(path):
    """Refuse a file that unpacks to much more than it is, before it is read: PyTorch writes its
    zips uncompressed.

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
            'bytes would '
            f'become {unpacked:,}'
        )


def _reader(path):
    if path.suffix == '.safetensors':
        return _safetensors_reader(path)
    return _read_arrays if path.suffix == '.pkl' else _read_torch


def _read_torch(path):
    with torch.serialization.safe_globals([(_Ignored, name) for name in _BESIDE]):
        return torch.load(path, map_location='cpu', weights_only=True)


def _read_arrays(path):
    with path.open('rb') as file:
        return _OfArrays(file, encoding='latin1').load()


def _safetensors_reader(path):
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise ValueError(f'{path} is of safetensors: pip install safetensors') from None
    return load_file


def _name(name):
    """Without what PyTorch's DistributedDataParallel puts before it."""
    return str(name).removeprefix('module.')


def _is_array(value):
    return isinstance(value, torch.Tensor) or type(value).__module__ == 'numpy'


def _is_plain(value):
    return (
        value.layout == torch.strided
        and value.device.type == 'cpu'
        and not (value.is_quantized or value.is_nested)
    )


def write_weights(path, weights, library):
    """Write a state dict as a library keeps it; the file is there once it is whole.

    Args:
        path (Path): of the file; ``.safetensors`` or a file of PyTorch.
        weights (dict[str, torch.Tensor]): with the names of the library.
        library (str): key of `regnet_plugin.weights.library_layouts.LAYOUTS`.
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
                place = dict(ours='state_dict', openmmlab='state_dict', pycls='model_state').get(
                    library
                )
                torch.save({place: weights} if place else weights, part)
    except RuntimeError as error:  # of a disk that is full, say
        raise OSError(
            f'{path} cannot be written: {str(error).strip().partition(chr(10))[0]}'
        ) from None


def _write_safetensors(weights, path):
    try:
        from safetensors import SafetensorError
        from safetensors.torch import save_file
    except ImportError:
        raise ValueError(f'{path} is of safetensors: pip install safetensors') from None
    try:
        save_file(weights, path, metadata=dict(format='pt'))
    except SafetensorError as error:
        raise RuntimeError(error) from None
