"""Design spaces: laws of parameters, the networks that they make, constraints, and the sampler.

The families are imported when they are asked for: they register themselves with MMEngine, which
those who only read populations do not need.
"""

from importlib import import_module
from typing import Any

_FAMILIES = {'AnyNetSpace': 'anynet', 'RegNetSpace': 'regnet'}

__all__ = ['AnyNetSpace', 'RegNetSpace']


def __getattr__(name: str) -> Any:
    if name not in _FAMILIES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_FAMILIES[name]}'), name)
