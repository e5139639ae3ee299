"""Results of one population that was trained in parts, on machines that do not see each other's
disks.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, List

from regnet_plugin.files import create, folders_in, is_there
from regnet_plugin.population.results import RECIPE, RESULT, Result, read_result
from regnet_plugin.population.runs.run import RUNS, networks_with_runs, of_networks
from regnet_plugin.population.store import Population, PopulationError

# entries of the manifest that say which networks these are
_DRAWN_BY = ('space', 'constraints', 'seed')


@dataclass(frozen=True)
class Merged:
    """What a merge of one recipe's results did.

    Attributes:
        added (int): results that were copied.
        known (int): results that were there already, and are the same.
    """

    added: int
    known: int


def merge_results(into: Population, other: Population) -> Dict[str, Merged]:
    """Copy results that a population does not have from a copy of it: ``result.json`` of each run,
    and the recipe.

    All is checked before anything is written: the networks and the recipes are the same, each
    result is that of its network, and no run ended differently in the two. Nothing is replaced.

    Args:
        into: that gets the results.
        other: a copy of it, or one that was sampled in the same way, trained elsewhere.

    Returns:
        By recipe, what was copied.

    Raises:
        PopulationError: if they are not one population, naming the first thing that differs.
        ValueError: if a result cannot be read.
    """
    networks = _shared_networks(into, other)
    runs = other.directory / RUNS
    folders = [runs / name for name in folders_in(runs) if is_there(runs / name / RECIPE)]
    found = {
        folder.name: _results(folder, into.directory / RUNS / folder.name, networks)
        for folder in folders
    }
    return {
        folder.name: _copy(folder, into.directory / RUNS / folder.name, found[folder.name])
        for folder in folders
    }


def _shared_networks(into: Population, other: Population) -> dict:
    """The networks of the other population by name, if this one has each of them."""
    for name in _DRAWN_BY:
        if into.manifest.get(name) != other.manifest.get(name):
            here, there = into.manifest.get(name), other.manifest.get(name)
            raise PopulationError(
                f'parts must be of one population, but {name} of {into.directory} is {here!r}, and '
                'that '
                f'of {other.directory} {there!r}'
            )
    known = {network.name: network for network in into}
    networks = {network.name: network for network in other}
    for name, network in networks.items():
        if known.get(name) != network:
            raise PopulationError(
                f'parts must be of one population, but {name} of {other.directory} is '
                f'{"another network" if name in known else "not"} in {into.directory}'
            )
    return networks


def _results(folder: Path, place: Path, networks: dict) -> List[Result]:
    """The results of a recipe's runs that its place in the other population lacks, and None for
    each that it has.
    """
    if is_there(place / RECIPE) and (place / RECIPE).read_bytes() != (folder / RECIPE).read_bytes():
        raise PopulationError(
            f'runs of two recipes must not be mixed, but {place / RECIPE} and {folder / RECIPE} '
            'differ'
        )
    missing = []
    for name, seed in of_networks(networks_with_runs(folder), networks, folder):
        counts = asdict(networks[name].sample.complexity)
        result, there = (read_result(path / f'{name}-{seed}', counts) for path in (folder, place))
        if result and there and _learned(result) != _learned(there):
            raise PopulationError(
                f'a run must have one end, but {name}-{seed} ended otherwise in {folder} than in '
                f'{place}'
            )
        if result:
            missing.append(None if there else result)
    return missing


def _learned(result: Result) -> tuple:
    """What must not depend on where a network was trained; times and machines may."""
    return result.status, result.reason, result.last_error, result.best_error, result.curve


def _copy(folder: Path, place: Path, results: list) -> Merged:
    place.mkdir(parents=True, exist_ok=True)
    create(place / RECIPE, (folder / RECIPE).read_text())
    added = [f'{result.network}-{result.seed}' for result in results if result]
    for name in added:
        (place / name).mkdir(exist_ok=True)
        create(place / name / RESULT, (folder / name / RESULT).read_text())
    return Merged(len(added), len(results) - len(added))
