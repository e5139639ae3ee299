"""The plan of a training: which networks are trained with which seeds, and the recipe beside them.

All that is free to know of a recipe is looked at first, so that one that cannot work is refused
before anything is written.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.cli.wording import counted
from regnet_plugin.files import is_there, replace
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.runs.layout import RECIPE
from regnet_plugin.population.runs.order import first_networks
from regnet_plugin.population.runs.planning import check_recipe_name, name_runs, plan_runs
from regnet_plugin.population.runs.recipe_file import check_recipe, keep_recipe
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.selection import networks_of
from regnet_plugin.population.store import Population, SampledNetwork, check_path
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.checks.libraries import check_library
from regnet_plugin.training.config.loaders import TRAINING_LOADERS, import_datasets, is_here
from regnet_plugin.training.populations.experiment import experiment
from regnet_plugin.training.populations.own_modules import check_modules
from regnet_plugin.training.populations.recipe_config import (
    check_writable,
    read_recipe,
    without_fast_path,
)
from regnet_plugin.training.populations.run_configs import holds_text

# Seeds are from 0 to below this. NumPy takes them below 2**32, and the loader's processes add their
# numbers to them.
_SEEDS = 2**31
_NOT_IN_CONFIGS = '\'"\\\n'  # characters that no path in a config can have, as MMEngine writes it


def prepare_runs(
    population: Population,
    recipe: str | Path,
    *,
    name: str | None = None,
    options: Mapping[str, Any] | None = None,
    names: Sequence[str] | None = None,
    trainings: int | None = None,
    seeds: Sequence[int] = (0,),
    out: str | Path | None = None,
    overwrite: bool = False,
    keep: bool = True,
    trained: bool = False,
    trained_here: bool = False,
    retry_failed: bool = False,
    processes: int = 1,
    say: Callable[[str], None] = lambda note: None,
) -> tuple[Run, ...]:
    """Plan the training of networks, and note the recipe beside their runs.

    Nothing is written before the first network has been through the recipe's neck and head, see
    `rehearse`.

    Args:
        population: whose networks are to be trained; the modules that its space needs come into the
            configs.
        recipe: path of the config that says how.
        name: of the runs' folder. Default: None, that of the config's file.
        options: settings of the recipe that are replaced.
        names: of the networks. Default: None, all.
        trainings: how many of these networks, a random part, see `first_networks`. Default: None,
            all.
        seeds: of the trainings, from 0 to 2**31 - 1, each once. Default: 0 only.
        out: folder of the runs of all recipes. Default: ``runs`` in that of the population.
        overwrite: replace another recipe of this name. Default: False.
        keep: note the recipe; without, nothing is written. Default: True.
        trained: they are trained next: the recipe's data is looked into, where it is here. Default:
            False.
        trained_here: they are trained on this machine: where runs are left, the recipe's data must
            be here. Default: False.
        retry_failed: runs that failed are left. Default: False.
        processes: that train one network together. Default: 1.
        say: told notes on the recipe, and that it took the place of one with which everything
            failed.

    Returns:
        the runs, in the order in which they are to be trained.

    Raises:
        PopulationError: if there is no such network, or another recipe of this name.
        UserError: if the recipe cannot be read, or does not fit the first network, or its data is
            not here, or there are fewer networks than trainings.
    """
    check_modules(population)
    modules = population.manifest.get('custom_imports', [])
    config = read_recipe(recipe, options, modules, population.base)
    check_library(config)
    with blame(str(recipe)):
        check_writable(config)
    name = Path(recipe).stem if name is None else name
    check_recipe_name(name)
    folder = Path(out or population.directory / RUNS, name)
    _check_folder(folder)
    _check_seeds(seeds)
    _check_once('network', names or ())
    networks = _some_of(networks_of(population, names), trainings, population)
    runs = name_runs(folder, networks, seeds, population.seed)
    noted = folder / RECIPE
    config = _as_begun(config, noted)
    is_left = any(retry_failed or not run.ended for run in runs)
    here = trained_here and is_left
    if here:
        check_data(config, str(recipe), TRAINING_LOADERS)
    is_new = not is_there(noted) or not holds_text(noted, config.pretty_text)
    if is_new or (here and _depends_on_machine(config)):
        _check_trainable(config, str(recipe), here, say)
    if is_new:
        with blame(f'{recipe}, network {networks[0].name}'):
            trial = experiment(networks[0].sample, config, seed=seeds[0])
            _rehearse(trial)
            if trained and is_here(config, TRAINING_LOADERS):
                _rehearse_data(trial, str(recipe), processes)
    if overwrite and folder.is_dir():
        replace(noted, config.pretty_text)
    if not keep:
        check_recipe(folder, config.pretty_text, say)
        return runs
    _keep_recipe(folder, config.pretty_text, say)
    return plan_runs(folder, networks, seeds, population.seed)


def _some_of(
    networks: Sequence[SampledNetwork], trainings: int | None, population: Population
) -> Sequence[SampledNetwork]:
    """As many of some networks as are to be trained, a random part of them."""
    if trainings is None:
        return networks
    if not 1 <= trainings <= len(networks):
        raise UserError(
            f'trainings must be from 1 to the {counted(len(networks), "network")} of '
            f'{population.directory}, but they are {trainings}'
        )
    by_name = {network.name: network for network in networks}
    return [by_name[name] for name in first_networks(by_name, population.seed, trainings)]


def _as_begun(config: Config, noted: Path) -> Config:
    """A recipe, or that of an earlier version which the runs were begun with and go on with."""
    earlier = without_fast_path(config)
    return earlier if holds_text(noted, earlier.pretty_text) else config


def _keep_recipe(folder: Path, text: str, say: Callable[[str], None]) -> None:
    """Note a recipe beside its runs; say so if it takes the place of another one.

    Raises:
        PopulationError: if there is another recipe of this name, and runs with it.
    """
    failures = keep_recipe(folder, text, say)
    if failures:
        say(
            'it takes the place of another recipe of this name, with which no run ended well; '
            f'{counted(failures, "failure")} forgotten'
        )


def _rehearse(trial: Config) -> None:
    """Send images through a network as its training would.

    Args:
        trial: config of one network with the recipe.
    """
    # imports torch, which takes seconds; a recipe that is known does without
    from regnet_plugin.training.checks.rehearsals.model_rehearsal import rehearse

    rehearse(trial)


def _rehearse_data(trial: Config, name: str, processes: int) -> None:
    """Look into the data of a training, which is here."""
    from regnet_plugin.training.checks.rehearsals.data_rehearsal import rehearse_data

    rehearse_data(trial, name, processes)


def _depends_on_machine(config: Config) -> bool:
    """Whether a recipe that was tried elsewhere may fail here: for want of a GPU, or of images."""
    wrapper = (config.get('optim_wrapper') or {}).get('type')
    return 'Amp' in str(wrapper) or 'drop_last' in str(config.get('train_dataloader'))


def _check_trainable(config: Config, path: str, here: bool, say: Callable[[str], None]) -> None:
    """Check that a recipe can be trained by, and say what is strange in it.

    Args:
        config: the recipe.
        path: of it, for messages.
        here: whether it is trained on this machine.
        say: told each note.

    Raises:
        UserError: if it cannot.
    """
    # imports torch, which takes seconds; a recipe that is known does without
    from regnet_plugin.training.checks.recipe import check_trainable, notes_on_recipe

    import_datasets(config.get('default_scope'))
    with blame(path):
        check_trainable(config, here)
        for note in notes_on_recipe(config):
            say(note)


def _check_folder(runs: Path) -> None:
    """Check that a path can be in a config.

    Raises:
        UserError: if it has quotes, a backslash or a line break.
        PopulationError: if it is not in UTF-8.
    """
    path = runs.absolute()
    check_path(path)
    if any(character in _NOT_IN_CONFIGS for character in str(path)):
        raise UserError(
            'a folder of runs must have no quotes in its path, which configs cannot hold, but it '
            f'is {path}'
        )


def _check_seeds(seeds: Sequence[int]) -> None:
    """Check that each seed is in range, and given once."""
    for seed in seeds:
        if not 0 <= seed < _SEEDS:
            raise UserError(f'a seed must be from 0 to {_SEEDS - 1}, but it is {seed}')
    _check_once('seed', seeds)


def _check_once(what: str, values: Iterable[Hashable]) -> None:
    """Check that no value is there twice."""
    for value, times in Counter(values).items():
        if times > 1:
            raise UserError(f'a {what} must be given once, but {value} is given {times} times')
