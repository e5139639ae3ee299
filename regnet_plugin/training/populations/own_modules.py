"""A user's own modules that the networks of a population are made of, such as that of a block."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from mmengine.utils import import_modules_from_strings

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.population.store import Population


def check_modules(population: Population) -> None:
    """Check that the modules that a population needs are its user's, and do not come with it.

    A population may be anybody's, and importing a module runs it.

    Raises:
        UserError: if a name is not that of a module, or a module lies in the population.
    """
    for module in population.manifest.get('custom_imports', []):
        if not all(part.isidentifier() for part in module.split('.')):
            raise UserError(
                f'custom_imports of a population must be names of modules, but one is {module!r}'
            )
        for place in _places_of(module):
            if Path(place).resolve().is_relative_to(population.directory.resolve()):
                raise UserError(
                    'modules of a population must come from elsewhere than its folder, which may '
                    f"be anybody's, but {module} lies in {population.directory}"
                )


def _places_of(module: str) -> list[str]:
    """Files and folders that the package of a module would be imported from.

    There are none if it is imported already, or cannot be found.
    """
    package, _, _ = module.partition('.')
    found = None if package in sys.modules else find_spec(package)
    if found is None:
        return []
    places = [found.origin, *(found.submodule_search_locations or ())]
    return [place for place in places if place]


def import_modules(modules: Sequence[str]) -> None:
    """Import modules by their names, from wherever PYTHONPATH leads.

    Raises:
        UserError: if that fails.
    """
    with blame(f'the population needs {", ".join(modules)} on PYTHONPATH'):
        import_modules_from_strings(list(modules))
