"""Modules of version 0.1 under their old names, for one version.

Importing one gives the new module, and a warning.
"""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

NEW_NAMES = {
    'regnet_plugin.arch': 'regnet_plugin.core.arch_argument',
    'regnet_plugin.architecture': 'regnet_plugin.core.architecture',
    'regnet_plugin.complexity': 'regnet_plugin.core.complexity',
    'regnet_plugin.counting': 'regnet_plugin.models.module_complexity',
    'regnet_plugin.linear_fit': 'regnet_plugin.core.linear_fit',
    'regnet_plugin.model_hub': 'regnet_plugin.weights.mmpretrain_hub',
    'regnet_plugin.published': 'regnet_plugin.core.published',
    'regnet_plugin.published_results': 'regnet_plugin.core.published_results',
    'regnet_plugin.quantized_linear': 'regnet_plugin.core.quantized_linear',
    'regnet_plugin.scaling': 'regnet_plugin.core.scaling',
}


class MovedModules(MetaPathFinder, Loader):
    """Finds the modules of `NEW_NAMES`.

    It is the last of ``sys.meta_path``, so that it is asked for nothing else.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Say where a module is: nowhere, unless its old name is asked for."""
        return ModuleSpec(fullname, self) if fullname in NEW_NAMES else None

    def exec_module(self, module: ModuleType) -> None:
        """Put the new module in the place of the old one in ``sys.modules``.

        Import statements look for it there.
        """
        new = NEW_NAMES[module.__name__]
        warnings.warn(
            f'{module.__name__} has moved to {new}; the old name goes with the next version',
            DeprecationWarning,
            stacklevel=2,
        )
        sys.modules[module.__name__] = import_module(new)


def install() -> None:
    """Let import statements find the old names; a second call does nothing."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
