"""Results of one population that was trained in parts.

The parts are copies of it, on machines that do not see each other's disks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regnet_plugin.files import create, folders_in, is_there
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.runs.layout import RECIPE, RESULT, run_names_in
from regnet_plugin.population.runs.planning import runs_of_networks
from regnet_plugin.population.runs.results import Result, read_result
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork

# Entries of the manifest that say which networks these are.
_DRAWN_BY = ('space', 'constraints', 'seed')


@dataclass(frozen=True)
class Merged:
    """What a merge of one recipe's results did.

    Attributes:
        added: results that were copied.
        known: results that were there already, and are the same.
    """

    added: int
    known: int


@dataclass(frozen=True)
class _Part:
    """The results with one recipe in the other population.

    Attributes:
        folder: of the recipe there.
        place: of the recipe in the population that gets the results.
        missing: results that are to be copied.
        known: how many are there already, and are the same.
    """

    folder: Path
    place: Path
    missing: list[Result]
    known: int


def merge_results(into: Population, other: Population) -> dict[str, Merged]:
    """Copy results that a population does not have from a copy of it.

    ``result.json`` of each run is copied, and the recipe. All is checked before anything is
    written: the networks and the recipes are the same, each result is that of its network, and no
    run ended differently in the two. Nothing is replaced.

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
    recipes = [name for name in folders_in(runs) if is_there(runs / name / RECIPE)]
    parts = {name: _part(runs / name, into.directory / RUNS / name, networks) for name in recipes}
    return {name: _copy(part) for name, part in parts.items()}


def _shared_networks(into: Population, other: Population) -> dict[str, SampledNetwork]:
    """The networks of the other population by name, if this one has each of them."""
    for name in _DRAWN_BY:
        here, there = into.manifest.get(name), other.manifest.get(name)
        if here != there:
            raise PopulationError(
                f'parts must be of one population, but {name} of {into.directory} is {here!r}, and '
                f'that of {other.directory} {there!r}'
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


def _part(folder: Path, place: Path, networks: Mapping[str, SampledNetwork]) -> _Part:
    """Compare the results of a recipe's runs with those in its place in the other population."""
    if is_there(place / RECIPE) and (place / RECIPE).read_bytes() != (folder / RECIPE).read_bytes():
        raise PopulationError(
            f'runs of two recipes must not be mixed, but {place / RECIPE} and {folder / RECIPE} '
            'differ'
        )
    missing, known = [], 0
    for name in runs_of_networks(run_names_in(folder), networks, folder):
        counts = networks[name.network].counts
        result = read_result(folder / name.folder, counts)
        there = read_result(place / name.folder, counts)
        if result is None:
            continue
        if there is None:
            missing.append(result)
            continue
        if _learned(result) != _learned(there):
            raise PopulationError(
                f'a run must have one end, but {name.folder} ended otherwise in {folder} than in '
                f'{place}'
            )
        known += 1
    return _Part(folder, place, missing, known)


def _learned(result: Result) -> tuple[Any, ...]:
    """What must not depend on where a network was trained; times and machines may."""
    return result.status, result.reason, result.last_error, result.best_error, result.curve


def _copy(part: _Part) -> Merged:
    """Copy what is missing, and the recipe."""
    part.place.mkdir(parents=True, exist_ok=True)
    create(part.place / RECIPE, (part.folder / RECIPE).read_text())
    for result in part.missing:
        name = result.run_name.folder
        (part.place / name).mkdir(exist_ok=True)
        create(part.place / name / RESULT, (part.folder / name / RESULT).read_text())
    return Merged(len(part.missing), part.known)
