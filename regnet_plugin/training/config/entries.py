"""Entries of a config that name a class: hooks, schedules, the model, its preprocessor.

Configs describe an object by a dict with the name of its class, or the class, as ``type``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config


def class_name(described: Mapping[str, Any]) -> str:
    """Return the name of the class that a config's dict describes, without scope or module."""
    kind = described.get('type')
    if isinstance(kind, str):
        return kind.rpartition('.')[2]
    return getattr(kind, '__name__', str(kind))


def named_entries(key: str, entries: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the dicts with a ``type`` in an entry, each with its key.

    Args:
        key: of the entry, such as 'param_scheduler'.
        entries: one dict, or lists and dicts of such, to any depth. What else is in it is passed
            over.

    Yields:
        the key by which ``--cfg-options`` reaches a dict, such as 'param_scheduler.1', and the
        dict.
    """
    if isinstance(entries, dict) and 'type' in entries:
        yield key, entries
    elif isinstance(entries, dict):
        for name, inner in entries.items():
            yield from named_entries(f'{key}.{name}', inner)
    elif isinstance(entries, (list, tuple)):
        for number, inner in enumerate(entries):
            yield from named_entries(f'{key}.{number}', inner)


def named_schedules(config: Config) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the entries of ``param_scheduler``, each with its key; they may be by optimizer."""
    yield from named_entries('param_scheduler', config.get('param_scheduler'))


def named_hooks(config: Config) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the configs of all hooks, each with its key: those of default_hooks first."""
    yield from named_entries('default_hooks', dict(config.get('default_hooks') or {}))
    yield from named_entries('custom_hooks', config.get('custom_hooks'))


def hooks_of(config: Config, kind: str) -> list[dict[str, Any]]:
    """Return the configs of all hooks whose class has this name."""
    return [hook for _, hook in named_hooks(config) if class_name(hook) == kind]


def network_of(config: Config) -> Mapping[str, Any]:
    """Return the model of a config, without test-time augmentation, which is put around it."""
    return config.model.get('module', config.model)


def preprocessor_of(config: Config) -> Mapping[str, Any]:
    """Return the data preprocessor: the model's own, or else that of the config; empty if none."""
    return network_of(config).get('data_preprocessor') or config.get('data_preprocessor') or {}
