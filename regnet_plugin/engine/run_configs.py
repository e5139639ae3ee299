"""Configs of a population's runs, each in the folder that its run fills, and the recipe that they were made with."""
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.engine.errors import UserError, blame
from regnet_plugin.engine.experiment import experiment
from regnet_plugin.population.files import replace
from regnet_plugin.population.runs import CONFIG, RECIPE, RUNS, digest_of, keep_recipe, plan_runs
from regnet_plugin.population.selection import networks_of

_HERE = '{{ fileDirname }}'  # MMEngine puts the folder in when it reads the file, wherever the population was moved to


def read_recipe(path, options=None):
    """Read the config that says how networks are trained.

    Args:
        path (str): of the config.
        options (dict, optional): settings that are replaced.

    Returns:
        mmengine.Config: complete.

    Raises:
        UserError: if it cannot be read.
    """
    with blame(path):
        recipe = Config.fromfile(path)
    with blame('--cfg-options'):
        recipe.merge_from_dict(options or {})
    return recipe


def prepare_runs(population, recipe, *, name=None, options=None, names=None, seeds=(0, ), out=None, overwrite=False):
    """Plan the training of networks, and note the recipe beside their runs.

    Args:
        population (Population): whose networks are to be trained.
        recipe (str): path of the config that says how.
        name (str, optional): of the runs' folder. Default: None, that of the config's file.
        options (dict, optional): settings of the recipe that are replaced.
        names (Sequence[str], optional): of the networks. Default: None, all.
        seeds (Sequence[int]): of the trainings. Default: 0 only.
        out (str | Path, optional): folder of the runs of all recipes. Default: ``runs`` in that of the population.
        overwrite (bool): replace another recipe of this name. Default: False.

    Returns:
        tuple[Run]: longest first.

    Raises:
        PopulationError: if there is no such network, or another recipe of this name.
        UserError: if the recipe cannot be read.
    """
    folder = Path(out or population.directory / RUNS, name or Path(recipe).stem)
    if set(str(folder.absolute())) & set('\'"\\\n'):
        raise UserError(f'a folder of runs must have no quotes in its path, which configs cannot hold, but it is {folder}')
    config = read_recipe(recipe, options)
    networks = networks_of(population, names)
    with blame(f'{recipe}, network {networks[0].name}'):  # before anything is written
        experiment(networks[0].sample, config, seed=seeds[0])
    text = config.pretty_text
    if overwrite and folder.is_dir():
        replace(folder / RECIPE, text)
    keep_recipe(folder, text)
    return plan_runs(folder, networks, seeds)


def recipe_of(folder):
    """Return the recipe that was noted beside the runs of a folder, and the digest of its text."""
    path = Path(folder, RECIPE)
    with blame(str(path)):
        return Config.fromfile(path), digest_of(path.read_text())


def write_config(run, recipe, digest, overwrite=False):
    """Write the config of a run; one that is there and the same stays untouched.

    Args:
        run (Run): which one.
        recipe (mmengine.Config), digest (str): from `recipe_of`.
        overwrite (bool): replace a config that is there and differs. Default: False.

    Returns:
        Path: of the config.

    Raises:
        UserError: if recipe and network do not fit, or there is another config.
    """
    with blame(f'{run.folder.parent.name}, network {run.network.name}'):
        config = experiment(run.network.sample, recipe, seed=run.seed)
    result = dict(type='regnet_plugin.ResultHook', network=run.network.name, recipe=run.folder.parent.name,
                  recipe_digest=digest, complexity=run.network.sample.to_dict()['complexity'])
    config.custom_hooks = [*config.get('custom_hooks', []), result]
    config.work_dir = _HERE
    path, text = run.folder / CONFIG, config.pretty_text
    if not path.exists() or path.read_text() != text:
        if path.exists() and not overwrite:
            raise UserError(f'{path} is there and is another config; --overwrite replaces it, --out writes elsewhere')
        replace(path, text)
    return path


def write_configs(runs, overwrite=False):
    """Write the configs of several runs of one recipe, see `write_config`.

    Args:
        runs (Sequence[Run]): from `prepare_runs`.
        overwrite (bool): replace configs that are there and differ. Default: False.

    Returns:
        list[Path]: of the configs, in the order of networks and seeds.
    """
    recipe, digest = recipe_of(runs[0].folder.parent)
    runs = sorted(runs, key=lambda run: (run.network.name, run.seed))
    return [write_config(run, recipe, digest, overwrite) for run in runs]
