"""Keys of a config as ``--cfg-options`` writes them, 'model.backbone.arch.depths.2'."""

from collections.abc import Iterator, Sequence
from typing import Any

from mmengine.config import Config

_NAMED = (dict, Config)


def all_keys(config: Any, prefix: str = '') -> Iterator[str]:
    """Yield the key of each entry of a config, and of each entry of these."""
    entries: Any = ()
    if isinstance(config, _NAMED):
        entries = config.items()
    elif isinstance(config, (list, tuple)):
        entries = enumerate(config)
    for name, value in entries:
        yield f'{prefix}{name}'
        yield from all_keys(value, f'{prefix}{name}.')


def value_at(config: Any, key: str) -> Any:
    """Return what a config has at a key.

    Raises:
        KeyError: if it has nothing there.
    """
    found = config
    for part in key.split('.'):
        found = _entry(found, part)
    return found


def set_value(config: Any, key: str, value: Any) -> None:
    """Put a value into a config; a list takes the place of a tuple as a tuple.

    Raises:
        KeyError: if the config has no such place.
    """
    *path, last = key.split('.')
    place = value_at(config, '.'.join(path)) if path else config
    if isinstance(place, tuple):  # tuples are not changed: another one takes its place
        entries = list(place)
        entries[_number(last, entries)] = value
        set_value(config, '.'.join(path), entries)
        return
    if isinstance(place, list):
        place[_number(last, place)] = value
    elif isinstance(place, _NAMED):
        as_before = isinstance(place.get(last), tuple) and isinstance(value, list)
        place[last] = tuple(value) if as_before else value
    else:
        raise KeyError(key)


def _entry(config: Any, part: str) -> Any:
    if isinstance(config, _NAMED):
        return config[part]
    if isinstance(config, (list, tuple)):
        return config[_number(part, config)]
    raise KeyError(part)


def _number(part: str, entries: Sequence[Any]) -> int:
    if not part.isdecimal() or int(part) >= len(entries):
        raise KeyError(part)
    return int(part)
