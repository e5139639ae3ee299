"""Keys of a base config that are to vary: are they there, and what are they called?"""

import inspect
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from mmengine.registry import (
    DATASETS,
    HOOKS,
    MODELS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)

from regnet_plugin.cli.guides import guide
from regnet_plugin.training.config.keyed_values import all_keys, value_at

_REGISTRIES = (
    MODELS,
    OPTIMIZERS,
    OPTIM_WRAPPERS,
    PARAM_SCHEDULERS,
    DATASETS,
    TRANSFORMS,
    HOOKS,
)  # of what configs describe
_SHOWN = 3  # nearest keys that a message names


def check_key(config: Any, key: str) -> None:
    """Check that a config has a key, or that the class at its place takes an argument of that name.

    Raises:
        ValueError: naming the nearest keys.
    """
    try:
        value_at(config, key)
        return
    except KeyError:
        pass
    place, _, last = key.rpartition('.')
    known = list(all_keys(config))
    try:
        arguments = arguments_at(config, place)
    except KeyError:
        arguments = []
    if last in arguments:
        return
    known = list(dict.fromkeys([*known, *(f'{place}.{name}' for name in arguments)]))
    nearest = get_close_matches(key, known, _SHOWN, cutoff=0.5)
    said = f'; the nearest are {", ".join(nearest)}' if nearest else ''
    raise ValueError(
        f'a key must be one that the base has, but it has no {key}{said} (guide: '
        f'{guide("own_networks")})'
    )


def arguments_at(config: Any, key: str) -> list[str]:
    """Return the arguments of the class that a config's entry names; none where it names none.

    Raises:
        KeyError: if the config has no such entry.
    """
    entry = value_at(config, key) if key else config
    kind = class_of(config, entry)
    if kind is None:
        return []
    names: list[str] = []
    for each in inspect.getmro(kind):
        if '__init__' not in vars(each):
            continue
        parameters = list(inspect.signature(vars(each)['__init__']).parameters.values())[1:]
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        names += [parameter.name for parameter in parameters if parameter.kind in named]
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break  # what it does not name does not reach its parents
    return names


def class_of(config: Any, entry: Any) -> Any:
    """Return the class that an entry of a config names; None where it names none."""
    kind = entry.get('type') if isinstance(entry, dict) else None
    if not isinstance(kind, str):
        return kind
    scope = config.get('default_scope')
    names = [kind] if scope is None or '.' in kind else [f'{scope}.{kind}', kind]
    found = (registry.get(name) for name in names for registry in _REGISTRIES)
    return next((one for one in found if one is not None), None)


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return a name for each key that formulas and tables can have: of 'arch.depths.2' 'depths_2'.

    It is the end of the key from the last word on, or from further ahead where that would be the
    name of two.
    """
    names = {key: _ending(key, 1) for key in keys}
    for length in range(2, 2 + max((key.count('.') for key in keys), default=0)):
        taken = list(names.values())
        for key, name in names.items():
            if taken.count(name) > 1:
                names[key] = _ending(key, length)
    return names


def _ending(key: str, words: int) -> str:
    """The last words of a key, with the numbers behind and between them, as one name."""
    parts = key.split('.')
    start = len(parts)
    while start and words:
        start -= 1
        words -= not parts[start].isdecimal()
    return '_'.join(parts[start:])
