"""A recipe as a user gives it: the config that says how networks are trained, read and changed."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError, blame, not_ended
from regnet_plugin.training.populations.own_modules import import_modules

# How the networks of a population compute where a recipe does not say it, as
# `regnet_plugin.models.fast_path` reads it. With the channels innermost a training step takes about
# 0.6 to 0.7 of its time on a CPU.
_FAST_PATH = dict(channels_last='cpu', bfloat16=False, compile=False)
_PLAIN_CONVS = (None, 'Conv', 'Conv2d', 'Conv2dAdaptivePadding')


def read_recipe(
    path: str | Path,
    options: Mapping[str, Any] | None = None,
    modules: Sequence[str] = (),
    base: Path | None = None,
) -> Config:
    """Read the config that says how networks are trained, and change it.

    The modules that the networks are made of are imported, and named in the config, so that whoever
    trains by it imports them, too. Where it does not say how networks compute, their channels are
    innermost on CPUs from now on: an entry of the config, which its digest knows.

    Args:
        path: of the config.
        options: settings that are replaced, such as ``{'train_cfg.max_epochs': 5}``. Default: None.
        modules: names of those that the networks need. Default: none.
        base: config whose model takes the place of the recipe's; of a population that varies it,
            see `Population.base`. Default: None.

    Returns:
        mmengine.Config: complete, without bases.

    Raises:
        UserError: if it cannot be read, or a module cannot be imported.
    """
    if not Path(path).is_file():
        raise UserError(
            f'a recipe must be the path of a config, but there is no file {str(path)!r}'
        )
    if modules:
        import_modules(modules)
    with blame(str(path)), not_ended():
        config = Config.fromfile(path)
        if base is not None:
            _set_model(config, Config.fromfile(base))
    with blame('--cfg-options'):
        config.merge_from_dict(options or {})
    if modules:
        config.custom_imports = _with_modules(config.get('custom_imports') or {}, modules)
    if base is None:
        _set_fast_path(config)
    return config


def _set_model(config: Config, base: Config) -> None:
    """Give a recipe the model of a base, but for how its own prepares images.

    Raises:
        ValueError: if they are of two libraries.
    """
    own, other = config.get('default_scope'), base.get('default_scope')
    if own != other:
        raise ValueError(
            f'a recipe must be one for {other}, whose network the space varies, but it is for {own}'
        )
    before = config.get('model') or {}
    config.model = base.model
    if 'data_preprocessor' in before:
        config.model.data_preprocessor = before['data_preprocessor']


def _set_fast_path(config: Config) -> None:
    """Say how the networks compute, where the recipe does not and any conv can do it."""
    backbone = (config.get('model') or {}).get('backbone')
    if not isinstance(backbone, dict) or 'fast_path' in backbone:
        return
    if (backbone.get('conv_cfg') or {}).get('type') in _PLAIN_CONVS:
        backbone['fast_path'] = dict(_FAST_PATH)


def without_fast_path(config: Config) -> Config:
    """Return a recipe as `read_recipe` gave it up to version 0.1, which added no ``fast_path``."""
    earlier = deepcopy(config)
    backbone = (earlier.get('model') or {}).get('backbone')
    if isinstance(backbone, dict) and backbone.get('fast_path') == _FAST_PATH:
        backbone.pop('fast_path')
    return earlier


def _with_modules(custom_imports: Mapping[str, Any], modules: Sequence[str]) -> dict[str, Any]:
    """The ``custom_imports`` of a config, in which some modules are named as well."""
    given = custom_imports.get('imports') or []
    given = [given] if isinstance(given, str) else list(given)
    added = [module for module in modules if module not in given]
    return {**custom_imports, 'imports': given + added}


def check_writable(config: Config) -> None:
    """Check that a config is the same when it was written to a file and is read again.

    A config file is Python, and can hold what can be written as such: not infinity, which is
    written ``inf``.

    Raises:
        ValueError: if it is another one, or cannot be read.
    """
    try:
        same = Config.fromstring(config.pretty_text, '.py').to_dict() == config.to_dict()
        reason = 'it is read as something else'
    except Exception as error:  # reading runs the file
        same, reason = False, f'{type(error).__name__}: {error}'
    if not same:
        raise ValueError(
            'a recipe must hold numbers, texts, lists and dicts only, to be written as a config '
            f'and read again, but {reason}'
        )
