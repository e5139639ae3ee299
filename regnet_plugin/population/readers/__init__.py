"""Populations of any origin as `Records`."""

from pathlib import Path

from regnet_plugin.population.readers.checks import parse_json, read_foreign_text
from regnet_plugin.population.readers.nds import is_nds, read_nds
from regnet_plugin.population.readers.ours import read_population
from regnet_plugin.population.readers.pycls_sweep import is_sweep, read_sweep
from regnet_plugin.population.readers.table import read_table
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import PopulationError

_KNOWN = (
    "a folder of this package's with population.json; a .json of the 2019 paper's data "
    "(facebookresearch/nds) or of pycls's sweep_collect.py; a table in .csv or .jsonl with a "
    'column error'
)


def read_records(
    path: str | Path, recipe: str | None = None, name: str | None = None
) -> tuple[Records, ...]:
    """Read a population, whatever kind of file it is in, as far as it has been trained.

    The files are described in docs/reference/population_formats.md.

    Args:
        path: of the folder or file.
        recipe: of a population of this package, the only recipe that is wanted. None: all.
        name: for legends. None: that of the folder, or of the file without its ending.

    Returns:
        One; several of a population that was trained with several recipes, 'name · recipe', and of
        the repeated trainings of the 2019 paper, 'name · top' and 'name · mid'.

    Raises:
        PopulationError: in one line, naming the file and the line or job that breaks a rule; or
            what can be read, if this is nothing of it.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return tuple(read_population(path, recipe, name))
        if recipe is not None:
            raise PopulationError(
                f"a recipe can be chosen of a folder of this package's, but {path} is none"
            )
        return tuple(_read_file(path, name))
    except OSError as error:
        raise PopulationError(
            f'{error.filename or path} cannot be read: {error.strerror or error}'
        ) from None
    except PopulationError:
        raise
    except (ValueError, RecursionError) as error:
        raise PopulationError(f'{path}: {error}') from None


def only(found: tuple[Records, ...]) -> Records:
    """Return the population that was read, if it is of one recipe.

    Raises:
        PopulationError: listing the recipes, if there are several.
    """
    if len(found) > 1:
        raise PopulationError(
            'it must be of one recipe, which --recipe names, but these are there: '
            + ', '.join(records.name.rpartition(' · ')[2] for records in found)
        )
    return found[0]


def _read_file(path: Path, name: str | None) -> list[Records]:
    suffix = path.suffix.lower()
    if suffix in ('.csv', '.jsonl'):
        return [read_table(path, name or path.stem)]
    if suffix != '.json':
        path.stat()  # raises if there is nothing at all
        raise _no_population(path)
    data = parse_json(read_foreign_text(path), path)
    # all sweeps are called so, but their folders are not
    title = name or (path.resolve().parent.name if path.name == 'sweep.json' else path.stem)
    if is_nds(data):
        return read_nds(path, data, title)
    if is_sweep(data):
        return [read_sweep(path, data, title)]
    raise _no_population(path)


def _no_population(path: Path) -> PopulationError:
    return PopulationError(f'{path} is no population that can be read: {_KNOWN}')
