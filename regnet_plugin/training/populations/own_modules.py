"""Modules of a user's own that the networks of a population are made of, such as that of a block."""

import sys
from importlib.util import find_spec
from pathlib import Path

from mmengine.utils import import_modules_from_strings

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.population.store import Population


def check_modules(population: Population) -> None:
    """Check that what a population needs is its user's: none comes with the population, which may
    be anybody's.

    Raises:
        UserError: if a module is none, or lies in the population.
    """
    for module in population.manifest.get('custom_imports', []):
        name = module.partition('.')[0]
        if not all(map(str.isidentifier, module.split('.'))):
            raise UserError(
                f'custom_imports of a population must be names of modules, but one is {module!r}'
            )
        found = None if name in sys.modules else find_spec(name)
        places = [found.origin, *(found.submodule_search_locations or ())] if found else []
        if any(
            Path(place).resolve().is_relative_to(population.directory.resolve())
            for place in filter(None, places)
        ):
            raise UserError(
                'modules of a population must come from elsewhere than its folder, which may be '
                "anybody's, but "
                f'{module} lies in {population.directory}'
            )


def import_modules(modules: list) -> None:
    """Import modules by their names, from wherever PYTHONPATH leads.

    Raises:
        UserError: if that fails.
    """
    with blame(f'the population needs {", ".join(modules)} on PYTHONPATH'):
        import_modules_from_strings(modules)
