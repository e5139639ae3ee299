"""What is asked of a model that is built: what is in its wrapper, and of which kind a part is."""

from typing import Any

from torch import nn


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the model that a wrapper has, such as that of several GPUs; another one as it is."""
    return getattr(model, 'module', model)


def is_a(part: Any, name: str) -> bool:
    """Whether a part is of the class of this name, or of one that inherits from it.

    The class itself is not asked for: its library may not be installed.
    """
    return any(kind.__name__ == name for kind in type(part).__mro__)
