"""The weights in a checkpoint, whoever wrote it, read without running anything that is in it."""
import pickle
import re
from pathlib import Path

import torch

# Where libraries keep the state dict: MMEngine, pycls, detectron2. timm's and torchvision's files are nothing else.
_PLACES = ('state_dict', 'model_state', 'model')
# What MMEngine writes beside the weights: the history of the training, in NumPy's arrays, and what makes those again.
_BESIDE = ('mmengine.logging.history_buffer.HistoryBuffer', 'builtins.getattr', 'numpy.ndarray', 'numpy.dtype',
           'numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct',
           'numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar')
_ARRAYS = {('numpy', 'ndarray'), ('numpy', 'dtype'), ('numpy.core.multiarray', '_reconstruct'),
           ('numpy._core.multiarray', '_reconstruct'), ('_codecs', 'encode')}


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
    """Read the state dict of a checkpoint of MMEngine, mmpretrain, mmdet, pycls, timm, torchvision or detectron2.

    Files of PyTorch are loaded with ``weights_only=True``; what MMEngine writes beside the weights is not even made.

    Args:
        path (str | Path): of the file: PyTorch's, detectron2's ``.pkl`` or ``.safetensors``.

    Returns:
        dict[str, torch.Tensor]: on the CPU.

    Raises:
        ValueError: in one line, for a file that is no checkpoint, is cut off, would run code, or holds no weights.
        OSError: if it cannot be read.
    """
    path = Path(path)
    check_beginning(path)
    try:
        checkpoint = _reader(path)(path)
    except pickle.UnpicklingError as error:  # PyTorch's advice is to trust the file
        stranger = re.search(r'GLOBAL (\S+)', str(error))
        raise ValueError(f'{path} must hold weights, and of other things only what OpenMMLab writes, but it '
                         + (f'calls {stranger[1]}' if stranger else 'is no checkpoint')) from None
    except (EOFError, RuntimeError, ImportError, KeyError, IndexError, TypeError, AttributeError, UnicodeError) as error:
        first = str(error).strip().partition('\n')[0]
        raise ValueError(f'{path} is no checkpoint, or was cut off: {first}') from None
    found = next((checkpoint[place] for place in _PLACES if place in checkpoint), checkpoint) \
        if isinstance(checkpoint, dict) else {}
    weights = {str(name): torch.as_tensor(value) for name, value in found.items() if _is_array(value)} \
        if isinstance(found, dict) else {}
    if not weights or len(weights) < len(found):
        raise ValueError(f'{path} must hold a state dict, by itself or as {", ".join(_PLACES)}, but there is none')
    return weights


def check_beginning(path):
    """Refuse what is obviously no checkpoint, such as a server's page that was saved under its name.

    Raises:
        ValueError: saying what the file is.
    """
    with Path(path).open('rb') as file:
        first = file.read(64)
    if first.lstrip()[:1] == b'<':
        raise ValueError(f'{path} must be a checkpoint, but it is a page of HTML: '
                         f'{first.decode(errors="replace").strip()!r}')
    if len(first) < 64:
        raise ValueError(f'{path} must be a checkpoint, but it has {len(first)} bytes')


def _reader(path):
    if path.suffix == '.safetensors':
        return _read_safetensors
    return _read_arrays if path.suffix == '.pkl' else _read_torch


def _read_torch(path):
    with torch.serialization.safe_globals([(_Ignored, name) for name in _BESIDE]):
        return torch.load(path, map_location='cpu', weights_only=True)


def _read_arrays(path):
    with path.open('rb') as file:
        return _OfArrays(file, encoding='latin1').load()


def _read_safetensors(path):
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise ValueError(f'{path} is of safetensors: pip install safetensors') from None
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f'{path} is no checkpoint, or was cut off: {error}') from None


def _is_array(value):
    return isinstance(value, torch.Tensor) or type(value).__module__ == 'numpy'


def write_weights(path, weights, library):
    """Write a state dict as a library keeps it; the file is there once it is whole.

    Args:
        path (Path): of the file; ``.safetensors`` or a file of PyTorch.
        weights (dict[str, torch.Tensor]): with the names of the library.
        library (str): key of `regnet_plugin.weights.layouts.LAYOUTS`.
    """
    unfinished = path.with_name(f'.{path.name}.part')
    weights = {name: value.contiguous() for name, value in weights.items()}
    if path.suffix == '.safetensors':
        from safetensors.torch import save_file

        save_file(weights, unfinished, metadata=dict(format='pt'))
    else:
        place = dict(ours='state_dict', openmmlab='state_dict', pycls='model_state').get(library)
        torch.save({place: weights} if place else weights, unfinished)
    unfinished.replace(path)
