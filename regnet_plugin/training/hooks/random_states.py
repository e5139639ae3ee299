"""The states of the random generators of this process, as a checkpoint can keep them."""

import random
from typing import Any

import numpy as np
import torch


def random_states() -> dict[str, Any]:
    """Return the states of PyTorch's, NumPy's and Python's generators: plain values and tensors.

    Such a checkpoint is read without running anything.
    """
    state: Any = np.random.get_state(legacy=True)  # NumPy's types name a dict, too
    kind, keys, *rest = state
    return dict(
        torch=torch.get_rng_state(),
        cuda=torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        # PyTorch knows few unsigned integers: keys of 32 bits fit into signed ones of 64.
        numpy=(kind, torch.from_numpy(keys.astype(np.int64)), *rest),
        python=random.getstate(),
    )


def restore_random_states(states: dict[str, Any]) -> None:
    """Put the generators into the states that `random_states` returned."""
    torch.set_rng_state(states['torch'].cpu())
    if states['cuda'] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(states['cuda'].cpu())
    kind, keys, *rest = states['numpy']
    np.random.set_state((kind, keys.cpu().numpy().astype(np.uint32), *rest))
    random.setstate(states['python'])
