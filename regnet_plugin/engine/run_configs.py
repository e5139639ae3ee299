"""Configs of a population's runs: ``runs/<recipe>/<network>-<seed>/config.py``, each in the folder that its run fills."""
import os
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.engine.errors import UserError, blame
from regnet_plugin.engine.experiment import experiment
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


def write_configs(population, recipe, *, names=None, seeds=(0, ), out=None, options=None, overwrite=False):
    """Write the config of each network and seed; what is there and the same stays untouched.

    Args:
        population (Population): whose networks are to be trained.
        recipe (str): path of the config that says how.
        names (Sequence[str], optional): of the networks. Default: None, all.
        seeds (Sequence[int]): Default: 0 only.
        out (str | Path, optional): folder of the runs. Default: ``runs`` in that of the population.
        options (dict, optional): settings of the recipe that are replaced.
        overwrite (bool): replace configs that are there and differ. Default: False.

    Returns:
        list[Path]: of the configs, in the order of networks and seeds.

    Raises:
        PopulationError: if there is no such network.
        UserError: if recipe and network do not fit, or there is another config.
    """
    folder = Path(out or population.directory / 'runs').absolute()
    if set(str(folder)) & set('\'"\\\n'):
        raise UserError(f'a folder of runs must have no quotes in its path, which configs cannot hold, but it is {folder}')
    with blame(recipe):
        base = Config.fromfile(recipe)
    with blame('--cfg-options'):
        base.merge_from_dict(options or {})
    paths = []
    for network in networks_of(population, names):
        for seed in seeds:
            with blame(f'{recipe}, network {network.name}'):
                config = experiment(network.sample, base, seed=seed)
            config.work_dir = _HERE
            paths.append(run_folder(out or population.directory / 'runs', recipe, network.name, seed) / CONFIG)
            _write(paths[-1], config.pretty_text, overwrite)
    return paths


def _write(path, text, overwrite):
    """All or nothing: a reader never sees half a file."""
    if path.exists() and path.read_text() != text and not overwrite:
        raise UserError(f'{path} is there and is another config; --overwrite replaces it, --out writes elsewhere')
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix('.part')
    part.write_text(text)
    os.replace(part, path)
