"""Design spaces as configs name them."""

import sys
from dataclasses import fields

from mmengine.config import Config

from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.registry import DESIGN_SPACES

# of which a config may lack all but the first
_ENTRIES = ('design_space', 'constraints', 'custom_imports', 'log_level')


def design_space_of(path, options=None, intervals=None):
    """Read a config with ``design_space`` and, where wanted, ``constraints``.

    Args:
        path (str): of the config.
        options (dict, optional): settings of the config that are replaced.
        intervals (dict, optional): intervals in place of those in ``constraints``; None entries
            replace nothing.

    Returns:
        tuple[DesignSpace, dict, Constraints]: the space, its entry in the config, and the
            constraints.

    Raises:
        ValueError: if there is no design space in the config, it cannot be built, or an option
            replaces nothing.
    """
    config = Config.fromfile(path)
    for name in options or {}:
        if name.split('.')[0] not in (*config, *_ENTRIES):
            raise ValueError(
                f'an option replaces something in {", ".join(_ENTRIES)}, but this one is {name}'
            )
    config.merge_from_dict(options or {})
    if 'design_space' not in config:
        raise ValueError('a config of a design space has an entry design_space, but there is none')
    _check_entries(config)
    given = {name: interval for name, interval in (intervals or {}).items() if interval is not None}
    constraints = Constraints(**{**config.get('constraints', {}), **given})
    described = (
        config.design_space.to_dict()
        if hasattr(config.design_space, 'to_dict')
        else dict(config.design_space)
    )
    space = DESIGN_SPACES.build(config.design_space)
    space.custom_imports = _imported(config.get('custom_imports') or {})
    return space, described, constraints


def _imported(custom_imports):
    """The modules that reading the config has imported; it may let some fail."""
    names = custom_imports.get('imports') or []
    return [name for name in ([names] if isinstance(names, str) else names) if name in sys.modules]


def _check_entries(config):
    if not isinstance(config.design_space, dict) or 'type' not in config.design_space:
        raise ValueError(
            f'design_space must be a dict with a type, but design_space={config.design_space!r}'
        )
    names, given = [field.name for field in fields(Constraints)], config.get('constraints', {})
    if not isinstance(given, dict) or set(given) - set(names):
        raise ValueError(
            f'constraints must be a dict of {", ".join(names)}, but constraints={given!r}'
        )
