"""Which runs there are to be: their names, their order, and the folders that stand for them."""

from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from regnet_plugin.files import folders_in, is_there, names_in
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.runs.layout import RECIPE, RunName, run_names_in
from regnet_plugin.population.runs.order import training_order
from regnet_plugin.population.runs.removal import is_linked
from regnet_plugin.population.runs.run import Run, cost_of
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork


@dataclass(frozen=True)
class Work:
    """What workers do: train these runs.

    Attributes:
        runs: in the order in which they are begun.
        tries: after how many vain ones from the same checkpoint a run has failed. One vain try may
            be the machine's fault; three in a row hardly are.
        timeout: seconds without an iteration, after which a training is killed. Half an hour is
            longer than an evaluation or the writing of a checkpoint takes.
        keep_checkpoints: of runs that ended.
        processes: that train one network together, through torchrun.
    """

    runs: tuple[Run, ...]
    tries: int = 3
    timeout: float = 1800.0
    keep_checkpoints: bool = False
    processes: int = 1


def check_recipe_name(name: str) -> None:
    """Check what the runs with a recipe are called.

    Raises:
        ValueError: if it is not the name of one folder.
    """
    if name in ('', '.', '..') or set(name) & set('/\0'):
        raise ValueError(f'a name is that of one folder, but it is {name!r}')


def recipe_folder(population: Population, name: str) -> Path:
    """Name the folder of all runs of a population with one recipe.

    Raises:
        ValueError: if the name is not that of one folder.
    """
    check_recipe_name(name)
    return Path(population.directory, RUNS, name)


def name_runs(
    folder: Path, networks: Iterable[SampledNetwork], seeds: Sequence[int], order: int
) -> tuple[Run, ...]:
    """Name the runs of networks with seeds, each with each.

    Args:
        folder: of the recipe.
        networks: to be trained.
        seeds: that each of them is trained with, one after the other.
        order: seed of the order of the networks, see `training_order`; that of their population.

    Returns:
        In the order in which they are to be trained.
    """
    by_name = {network.name: network for network in networks}
    names = training_order({name: cost_of(network) for name, network in by_name.items()}, order)
    return tuple(
        Run(folder / RunName(name, seed).folder, by_name[name], seed)
        for name in names
        for seed in seeds
    )


def plan_runs(
    folder: Path, networks: Iterable[SampledNetwork], seeds: Sequence[int], order: int
) -> tuple[Run, ...]:
    """Make the folders of the runs that `name_runs` names, and return these."""
    runs = name_runs(folder, networks, seeds, order)
    for run in runs:
        run.folder.mkdir(exist_ok=True)
    return runs


def unplan_runs(runs: Sequence[Run]) -> None:
    """Remove the folders of runs that `plan_runs` made, as far as nothing came into them.

    A recipe that is left without any run goes, too, and so does the folder of all recipes if it is
    empty then.

    Args:
        runs: of one recipe, at least one.
    """
    folder = runs[0].folder.parent
    for run in runs:
        with suppress(OSError):  # there is something in it
            run.folder.rmdir()
    if names_in(folder) != [RECIPE] or is_linked(runs[0].folder):
        return
    (folder / RECIPE).unlink()
    folder.rmdir()
    if folder.parent.name == RUNS:
        with suppress(OSError):  # there are other recipes
            folder.parent.rmdir()


def runs_of_networks(
    names: Iterable[RunName], networks: Container[str], folder: Path
) -> list[RunName]:
    """Keep the runs of networks that there are, without folders of the user's, such as backup-2.

    Args:
        names: of `run_names_in`.
        networks: names of the population's.
        folder: of the recipe.

    Raises:
        PopulationError: if there is a run of a number that the population does not have.
    """
    kept = []
    for name in names:
        if name.network in networks:
            kept.append(name)
        elif name.network.isdecimal():
            raise PopulationError(
                f'{folder}/{name.folder} is a run of a network that {folder.parent.parent} does '
                'not have'
            )
    return kept


def planned_runs(population: Population) -> dict[Path, tuple[Run, ...]]:
    """Find the runs of a population, as far as they were planned.

    Returns:
        Per folder of a recipe its runs, in the order in which they are trained, as `name_runs` has
        it: who watches them knows which one comes next.

    Raises:
        PopulationError: if there is a run of a network that the population does not have.
    """
    place = population.directory / RUNS
    folders = [place / name for name in folders_in(place) if is_there(place / name / RECIPE)]
    # without recipes the networks, of which there may be many, need not be read
    networks = {network.name: network for network in population} if folders else {}
    return {folder: _planned_with(folder, networks, population.seed) for folder in folders}


def _planned_with(folder: Path, networks: dict[str, SampledNetwork], order: int) -> tuple[Run, ...]:
    """The runs in the folder of a recipe."""
    names = runs_of_networks(run_names_in(folder), networks, folder)
    costs = {name.network: cost_of(networks[name.network]) for name in names}
    places = {network: place for place, network in enumerate(training_order(costs, order))}
    return tuple(
        Run(folder / name.folder, networks[name.network], name.seed)
        for name in sorted(names, key=lambda name: (places[name.network], name.seed))
    )
