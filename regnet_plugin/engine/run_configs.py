"""Configs of a population's runs: ``runs/<recipe>/<network>-<seed>/config.py``, each in the folder that its run fills."""
import os
from collections import Counter
from pathlib import Path

from mmengine.config import Config
from mmengine.utils import import_modules_from_strings

from regnet_plugin.engine.errors import UserError, blame
from regnet_plugin.engine.experiment import experiment
from regnet_plugin.engine.rehearsal import rehearse
from regnet_plugin.population.selection import networks_of

CONFIG = 'config.py'
_HERE = '{{ fileDirname }}'  # MMEngine puts the folder in when it reads the file, wherever the population was moved to


def run_folder(runs, recipe, network, seed):
    """The folder of one run.

    Args:
        runs (str | Path): the folder of all runs, ``runs`` of a population.
        recipe (str | Path): path of the recipe.
        network (str): its name in the population.
        seed (int): of the training.
    """
    return Path(runs, Path(recipe).stem, f'{network}-{seed}')


def write_configs(population, recipe, *, names=None, seeds=(0, ), out=None, options=None, overwrite=False,
                  progress=lambda done, total: None):
    """Write the config of each network and seed; what is there and the same stays untouched.

    Nothing is written before each network has been through the recipe's neck and head, see `rehearse`.

    Args:
        population (Population): whose networks are to be trained; the modules that its space needs come into the configs.
        recipe (str): path of the config that says how.
        names (Sequence[str], optional): of the networks. Default: None, all.
        seeds (Sequence[int]): from 0 to 2**31 - 1, each once. Default: 0 only.
        out (str | Path, optional): folder of the runs. Default: ``runs`` in that of the population.
        options (dict, optional): settings of the recipe that are replaced.
        overwrite (bool): replace configs that are there and differ. Default: False.
        progress (Callable[[int, int], None]): told after each network how many are through, and how many there are.

    Returns:
        list[Path]: of the configs, in the order of networks and seeds.

    Raises:
        PopulationError: if there is no such network.
        UserError: if recipe and network do not fit, or there is another config.
    """
    runs = Path(out or population.directory / 'runs')
    _check_folder(runs)
    _check_seeds(seeds)
    _check_once('network', names or ())
    base = _recipe(recipe, options, population.manifest.get('custom_imports', []))
    networks = networks_of(population, names)
    texts, sections = {}, {}
    for done, network in enumerate(networks, 1):
        with blame(f'{recipe}, network {network.name}'):
            for seed in seeds:
                config = experiment(network.sample, base, seed=seed)
                if not texts:
                    _check_readable(config)
                config.work_dir = _HERE
                texts[run_folder(runs, recipe, network.name, seed) / CONFIG] = _text(config, sections)
            rehearse(config)  # the seed makes no difference
        progress(done, len(networks))
    for path, text in texts.items():
        if path.exists() and path.read_text() != text and not overwrite:
            raise UserError(f'{path} is there and is another config; --overwrite replaces it, --out writes elsewhere')
    for path, text in texts.items():
        _write(path, text)
    return list(texts)


def _check_folder(runs):
    if set(str(runs.absolute())) & set('\'"\\\n'):
        raise UserError('a folder of runs must have no quotes in its path, which configs cannot hold, but it is '
                        f'{runs.absolute()}')


def _check_seeds(seeds):
    """NumPy takes seeds below 2**32, and the loader's processes add their numbers to it."""
    for seed in seeds:
        if not 0 <= seed < 2**31:
            raise UserError(f'a seed must be from 0 to {2**31 - 1}, but it is {seed}')
    _check_once('seed', seeds)


def _check_once(what, values):
    for value, times in Counter(values).items():
        if times > 1:
            raise UserError(f'a {what} must be given once, but {value} is given {times} times')


def _recipe(path, options, modules):
    """Read the recipe, change it, and let it import what the networks are made of."""
    with blame(path):
        config = Config.fromfile(path)
    with blame('--cfg-options'):
        config.merge_from_dict(options or {})
    if modules:
        imports = dict(config.get('custom_imports') or {})
        given = imports.get('imports') or []
        given = [given] if isinstance(given, str) else list(given)
        imports['imports'] = given + [module for module in modules if module not in given]
        config.custom_imports = imports
        with blame(f'the population needs {", ".join(modules)} on PYTHONPATH'):
            import_modules_from_strings(modules)
    return config


def _check_readable(config):
    """A config file is Python, and can hold what can be written as such: not infinity, which is written ``inf``."""
    try:
        same = Config.fromstring(config.pretty_text, '.py').to_dict() == config.to_dict()
        reason = 'it is read as something else'
    except Exception as error:  # reading runs the file
        same, reason = False, f'{type(error).__name__}: {error}'
    if not same:
        raise ValueError('a recipe must hold numbers, texts, lists and dicts only, to be written as a config and read '
                         f'again, but {reason}')


def _text(config, sections):
    """The config as Python. Laying it out takes its time; most top-level entries are those of the configs before."""
    entries = [(name, repr(value)) for name, value in sorted(config.to_dict().items())]
    for name, written in entries:
        if (name, written) not in sections:
            sections[name, written] = Config({name: config[name]}).pretty_text
    return ''.join(sections[entry] for entry in entries)


def _write(path, text):
    """All or nothing: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix('.part')
    part.write_text(text)
    os.replace(part, path)
