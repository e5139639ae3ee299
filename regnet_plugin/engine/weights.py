"""The weights in a checkpoint, read without running anything else that is in it."""
import pickle
import re

import torch

# What MMEngine writes beside the weights: the history of the training, in NumPy's arrays, and what makes those again.
_BESIDE = ('mmengine.logging.history_buffer.HistoryBuffer', 'builtins.getattr', 'numpy.ndarray', 'numpy.dtype',
           'numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct',
           'numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar')


class _Ignored:
    """Stands for an object that is not needed, and for the function that would make it."""

    def __new__(cls, *args):
        return super().__new__(cls)

    def __setstate__(self, state):
        pass


def read_weights(path):
    """Read the state dict of a checkpoint of MMEngine, or of a file that is nothing but one.

    It is loaded with ``weights_only=True``; what MMEngine writes beside the weights is not even made.

    Args:
        path (str | Path): of the file.

    Returns:
        dict[str, torch.Tensor]: on the CPU.

    Raises:
        ValueError: if there is no state dict in it, or something that could do harm. PyTorch has errors of its own for a
            file that is cut off.
    """
    try:
        with torch.serialization.safe_globals([(_Ignored, name) for name in _BESIDE]):
            checkpoint = torch.load(path, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError as error:  # PyTorch's advice is to trust the file
        stranger = re.search(r'GLOBAL (\S+)', str(error))
        raise ValueError('a checkpoint must hold weights, and of other things only what MMEngine writes, but this one '
                         + (f'calls {stranger[1]}' if stranger else 'is no checkpoint')) from error
    weights = checkpoint.get('state_dict', checkpoint) if isinstance(checkpoint, dict) else {}
    if not weights or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise ValueError('a checkpoint must hold a state dict, by itself or as its state_dict, but there is none')
    return weights


def load_weights(network, weights):
    """Load a state dict that fits a network exactly.

    Args:
        network (nn.Module): is changed.
        weights (dict[str, torch.Tensor]): as `read_weights` gives them.

    Raises:
        ValueError: how many names are missing, unknown or of another shape, and the first of each.
    """
    expected = network.state_dict()
    common = [name for name in expected if name in weights]
    wrong = {'missing': [name for name in expected if name not in weights],
             'unknown': [name for name in weights if name not in expected],
             'of another shape': [f'{name} is {_shape(weights[name])}, not {_shape(expected[name])}' for name in common
                                  if weights[name].shape != expected[name].shape]}
    said = [f'{len(names)} are {what}, first {names[0]}' for what, names in wrong.items() if names]
    if said:
        raise ValueError(f'the weights must be those of this network, but {"; ".join(said)}')
    network.load_state_dict(weights)


def _shape(value):
    return 'x'.join(map(str, value.shape)) or 'one number'
