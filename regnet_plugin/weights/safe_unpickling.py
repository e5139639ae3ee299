"""Checkpoints unpickled without running anything that is in them.

PyTorch's ``weights_only=True`` makes tensors and plain values alone, and refuses a file with
anything else in it. These readers let through what the libraries write beside the weights, and
make nothing of it that could do harm.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

# Names that pickles have for what makes NumPy's arrays again, in NumPy 1 and in NumPy 2.
_ARRAY_MAKERS = (
    'numpy.core.multiarray._reconstruct',
    'numpy.core.multiarray.scalar',
    'numpy._core.multiarray._reconstruct',
    'numpy._core.multiarray.scalar',
)
# What is written beside the weights: by MMEngine the history of the training, in NumPy's arrays,
# and what makes those again; by the training scripts of timm and torchvision their arguments.
_BESIDE_WEIGHTS = (
    'mmengine.logging.history_buffer.HistoryBuffer',
    'builtins.getattr',
    'numpy.ndarray',
    'numpy.dtype',
    *_ARRAY_MAKERS,
    'argparse.Namespace',
)
# What detectron2's pickles are made of.
_PLAIN_ARRAYS = {
    ('numpy', 'ndarray'),
    ('numpy', 'dtype'),
    ('numpy.core.multiarray', '_reconstruct'),
    ('numpy._core.multiarray', '_reconstruct'),
    ('_codecs', 'encode'),
}


class _Ignored:
    """Stands for an object that is not needed, and for the function that would make it."""

    def __new__(cls, *args: object) -> '_Ignored':
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        pass


def load_ignoring_the_rest(path: Path) -> Any:
    """Load a file of PyTorch onto the CPU; what stands beside its weights is not even made."""
    with torch.serialization.safe_globals([(_Ignored, name) for name in _BESIDE_WEIGHTS]):
        return torch.load(path, map_location='cpu', weights_only=True)


def load_with_history(path: Path, map_location: Any) -> Any:
    """Load a checkpoint of MMEngine with the history of its training.

    Args:
        path: of the file.
        map_location: as `torch.load` takes it.
    """
    with torch.serialization.safe_globals(_classes_of_a_history()):
        return torch.load(path, map_location=map_location, weights_only=True)


def _classes_of_a_history() -> list[Any]:
    """What a history is made of, under the names of NumPy 1 and 2."""
    is_numpy_1 = np.lib.NumpyVersion(np.__version__) < '2.0.0'
    multiarray = (np.core if is_numpy_1 else np._core).multiarray  # type: ignore[attr-defined]  # private
    makers = [(getattr(multiarray, name.rpartition('.')[2]), name) for name in _ARRAY_MAKERS]
    codes = '?' + np.typecodes['AllInteger'] + np.typecodes['Float']
    number_types = {type(np.dtype(code)) for code in codes}
    statistic = (_statistic, 'builtins.getattr')
    return [HistoryBuffer, statistic, np.ndarray, np.dtype, *makers, *number_types]


def _statistic(owner: object, name: str) -> Callable[..., Any]:
    """The one thing that a history asks ``getattr`` for."""
    if owner is not HistoryBuffer or name not in ('min', 'max', 'mean', 'current'):
        raise pickle.UnpicklingError(f'GLOBAL builtins.getattr of {owner}, {name}')
    return getattr(owner, name)


class _ArrayUnpickler(pickle.Unpickler):
    """Makes plain values and NumPy's arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN_ARRAYS:
            raise pickle.UnpicklingError(f'GLOBAL {module}.{name}')
        return super().find_class(module, name)


def load_arrays(path: Path) -> Any:
    """Load a pickle of detectron2's: plain values and NumPy's arrays."""
    with path.open('rb') as file:
        return _ArrayUnpickler(file, encoding='latin1').load()
