"""Design spaces as configs name them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from mmengine.config import Config

from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.registry import DESIGN_SPACES, FAMILIES

# What a config may have that an option may set, even where the config has none of it.
_ENTRIES = ('design_space', 'constraints', 'custom_imports', 'log_level')


def design_space_of(
    path: str | Path,
    options: Mapping[str, Any] | None = None,
    intervals: Mapping[str, Any] | None = None,
) -> tuple[ParameterSpace, dict[str, Any], Constraints]:
    """Read a config with ``design_space`` and, where wanted, ``constraints``.

    Args:
        path: of the config.
        options: settings of the config that are replaced, by their dotted names.
        intervals: intervals in place of those in ``constraints``; None entries replace nothing.

    Returns:
        The space, its entry in the config, and the constraints.

    Raises:
        ValueError: if there is no design space in the config, it cannot be built, or an option
            replaces nothing.
    """
    config = Config.fromfile(path)
    options = dict(options or {})
    for name in options:
        if name.split('.')[0] not in (*config, *_ENTRIES):
            raise ValueError(
                f'an option replaces something in {", ".join(_ENTRIES)}, but this one is {name}'
            )
    config.merge_from_dict(options)
    if 'design_space' not in config:
        raise ValueError('a config of a design space has an entry design_space, but there is none')
    _check_entries(config)
    given = {name: interval for name, interval in (intervals or {}).items() if interval is not None}
    constraints = Constraints(**{**config.get('constraints', {}), **given})
    described = config.design_space
    described = described.to_dict() if hasattr(described, 'to_dict') else dict(described)
    space = _built(config.design_space)
    imported = _imported(config.get('custom_imports') or {})
    space.custom_imports = [*space.custom_imports, *imported]
    return space, described, constraints


def _built(described: Mapping[str, Any]) -> ParameterSpace:
    """Build a space, as ``DESIGN_SPACES`` does.

    That is asked only for what is registered elsewhere: it notes in MMEngine's log whatever it
    finds, and to begin a log PyTorch is imported, which takes ten times as long as to draw 500
    networks.
    """
    family = registered_family(described)
    if family is None:
        return DESIGN_SPACES.build(described)
    return family(**arguments_of(described))


def arguments_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a config gives to the family of its space."""
    return {name: value for name, value in described.items() if name != 'type'}


def registered_family(described: Mapping[str, Any]) -> Callable[..., ParameterSpace] | None:
    """Return the family of a space if it is registered already: for others nothing is imported.

    Args:
        described: the entry ``design_space`` of a config, whoever wrote it.
    """
    for module in FAMILIES:
        import_module(module)
    kind = described.get('type')
    scope, _, name = kind.rpartition('.') if isinstance(kind, str) else ('', '', '')
    if scope not in ('', DESIGN_SPACES.scope):
        return None
    return DESIGN_SPACES.module_dict.get(name)


def _imported(custom_imports: Mapping[str, Any]) -> list[str]:
    """The modules that reading the config has imported; it may let some fail."""
    names = custom_imports.get('imports') or []
    modules = [names] if isinstance(names, str) else names
    return [name for name in modules if name in sys.modules]


def _check_entries(config: Config) -> None:
    if not isinstance(config.design_space, dict) or 'type' not in config.design_space:
        raise ValueError(
            f'design_space must be a dict with a type, but design_space={config.design_space!r}'
        )
    names = [field.name for field in fields(Constraints)]
    given = config.get('constraints', {})
    if not isinstance(given, dict) or set(given) - set(names):
        raise ValueError(
            f'constraints must be a dict of {", ".join(names)}, but constraints={given!r}'
        )
