"""The config that a space varies: read, and made ready to be varied."""

from collections.abc import Iterable
from copy import deepcopy
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.hub import get_config

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.config_spaces.keys import class_of
from regnet_plugin.config_spaces.meter import OF_MODELS

# Of a backbone, what only makes sense with pretrained weights: random layers must not be frozen.
_OF_WEIGHTS = ('init_cfg', 'frozen_stages', 'norm_eval')


def read_base(base: str) -> Config:
    """Read a config by its path, or one of a library by a name such as 'mmpretrain::resnet/x.py'.

    Raises:
        ValueError: if there is none, or it has no model.
    """
    if not isinstance(base, str) or not base:
        raise ValueError(
            'base must be the path of a config, or mmpretrain:: or mmdet:: with one of theirs, '
            f'but base={base!r}'
        )
    if '::' in base:
        config = _of_library(base)
    elif not Path(base).is_file():
        raise ValueError(
            f'base must be the path of a config, but there is no file {base!r}; from where a '
            "config lies it is '{{ fileDirname }}/…'"
        )
    else:
        config = _of_file(base)
    if not isinstance(config.get('model'), dict):
        raise ValueError(f'base must be a config with a model, but {base} has none')
    import_library(config)
    forget_weights(config)
    return config


def _of_file(base: str) -> Config:
    try:
        return Config.fromfile(base)
    except (OSError, SyntaxError, *OF_MODELS) as error:  # what a program may raise that is read
        raise ValueError(
            f'base must be a config that can be read, but {base}: {type(error).__name__}: '
            f'{in_one_line(error)}'
        ) from error


def _of_library(base: str) -> Config:
    try:
        return get_config(base)
    except (AssertionError, OSError, ValueError, ImportError) as error:
        found = str(error).strip().splitlines() or ['']
        raise ValueError(
            f'base must be a config of an installed library, but {base!r} cannot be read: '
            f'{type(error).__name__}: {found[0]}'
        ) from None


def import_library(config: Config) -> None:
    """Import what registers the parts of a config's networks: the library of its scope."""
    scope = config.get('default_scope')
    if scope and find_spec(scope) and find_spec(f'{scope}.models'):
        import_module(f'{scope}.models')


def forget_weights(config: Config) -> None:
    """Take out pretrained weights, which would not fit a network that varies."""
    config.load_from, config.resume = None, False
    _forget(config.model)


def _forget(part: Any) -> None:
    if isinstance(part, dict):
        rules = part.get('init_cfg')
        every = [rules] if isinstance(rules, dict) else rules or []
        if any(isinstance(rule, dict) and rule.get('type') == 'Pretrained' for rule in every):
            for name in _OF_WEIGHTS:
                part.pop(name, None)
        part.pop('pretrained', None)
        for value in part.values():
            _forget(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            _forget(value)


def spell_out(config: Config, keys: Iterable[str]) -> None:
    """Write networks that a library knows by name, such as ``arch='tiny'``, as what they are.

    So their parts have keys.

    Args:
        config: it is changed.
        keys: that are to vary; what they do not lead through stays as it is.

    Raises:
        ValueError: if a key leads through a name that the class does not know.
    """
    for key in keys:
        place: Any = config
        for part in key.split('.'):
            entry = place.get(part)
            if part == 'arch' and isinstance(entry, str) and not key.endswith('.arch'):
                place[part] = entry = _structure(config, place, entry)
            if not isinstance(entry, dict):
                break
            place = entry


def _structure(config: Config, described: ConfigDict, name: str) -> ConfigDict:
    """What a class means by a name of an architecture."""
    kind = class_of(config, described)
    known = getattr(kind, 'arch_settings', None) or getattr(kind, 'arch_zoo', None) or {}
    found = known.get(name) if isinstance(known, dict) else None
    if not isinstance(found, dict):
        near = get_close_matches(name, [str(each) for each in known], 3) if known else []
        raise ValueError(
            f'the keys below arch must be those of a dict, but {described.get("type")} has '
            f'arch={name!r}, which its class does not spell out as one'
            + (f'; the nearest are {", ".join(near)}' if near else '')
        )
    return ConfigDict(deepcopy(found))
