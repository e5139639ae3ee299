"""Populations of any origin as `Records`."""

from pathlib import Path

from regnet_plugin.population.readers.checks import parse_json, read_text
from regnet_plugin.population.readers.nds import is_nds, read_nds
from regnet_plugin.population.readers.ours import read_population
from regnet_plugin.population.readers.pycls_sweep import is_sweep, read_sweep
from regnet_plugin.population.readers.table import read_table
from regnet_plugin.population.store import PopulationError

_KNOWN = (
    "a folder of this package's with population.json; a .json of the 2019 paper's data "
    '(facebookresearch/nds) '
    "or of pycls's sweep_collect.py; a table in .csv or .jsonl with a column error"
)


def read_records(path, recipe=None, name=None):
    """Read a population, whatever kind of file it is in, as far as it has been trained:
    docs/population_formats.md.

    Args:
        path (str | Path): of the folder or file.
        recipe (str, optional): of a population of this package, the only recipe that is wanted.
            Default: None, all.
        name (str, optional): for legends. Default: None, that of the folder, or of the file without
            its ending.

    Returns:
        tuple[Records]: one; several of a population that was trained with several recipes, 'name ·
        recipe', and of the repeated trainings of the 2019 paper, 'name · top' and 'name · mid'.

    Raises:
        PopulationError: in one line, naming the file and the line or job that breaks a rule; or
            what can be read, if this is nothing of it.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return read_population(path, recipe, name)
        if recipe is not None:
            raise PopulationError(
                f"a recipe can be chosen of a folder of this package's, but {path} is none"
            )
        return _read_file(path, name)
    except OSError as error:
        raise PopulationError(
            f'{error.filename or path} cannot be read: {error.strerror or error}'
        ) from None
    except PopulationError:
        raise
    except (ValueError, RecursionError) as error:
        raise PopulationError(f'{path}: {error}') from None


def _read_file(path, name):
    if path.suffix.lower() in ('.csv', '.jsonl'):
        return read_table(path, name or path.stem)
    if path.suffix.lower() == '.json':
        data = parse_json(read_text(path), path)
        title = name or (path.resolve().parent.name if path.name == 'sweep.json' else path.stem)
        for belongs, read in ((is_nds, read_nds), (is_sweep, read_sweep)):
            if belongs(data):
                return read(path, data, title)
    else:
        path.stat()  # raises if there is nothing at all
    raise PopulationError(f'{path} is no population that can be read: {_KNOWN}')
