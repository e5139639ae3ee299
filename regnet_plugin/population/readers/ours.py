"""Populations that this package sampled and trained: see `population.store` and `runs.layout`."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.files import folders_in, is_there
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.latency_file import Latency, read_latencies
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.readers.checks import known_numbers, space_of
from regnet_plugin.population.readers.network_rows import NetworkRow, records_of
from regnet_plugin.population.readers.outcomes import Outcome, outcomes_of
from regnet_plugin.population.readers.sampled_lines import Sampled, sampled_networks
from regnet_plugin.population.records import DEFAULT_METRIC, Records
from regnet_plugin.population.runs.layout import RECIPE, RunName, run_names_in
from regnet_plugin.population.runs.order import is_random_part
from regnet_plugin.population.store import Population, PopulationError

_UNPLANNED = Outcome('sampled')  # of a network without a run


def read_population(
    path: str | Path, recipe: str | None = None, name: str | None = None
) -> list[Records]:
    """Read a population's directory, whatever has been sampled, trained and measured until now.

    Args:
        path: of the directory.
        recipe: name of the only one that is wanted. None: all.
        name: of the population. None: that of the directory.

    Returns:
        One per recipe, in the order of their names; one of networks that are sampled only if there
        is no recipe.

    Raises:
        PopulationError: naming the file, and its line, that cannot be read, or the recipes if there
            is none of this name.
    """
    population = Population.open(path)
    # before the networks, so that none of them can be missing there
    planned = _planned_runs(population)
    if recipe is not None and recipe not in planned:
        raise PopulationError(
            f'a recipe must be one that networks of {population.directory} are trained with '
            f'({", ".join(planned) or "none yet"}), but it is {recipe}'
        )
    sampled = sampled_networks(population)
    title = name or population.directory.resolve().name
    if not planned:
        return [_records(population, sampled, {}, title)]
    is_told_apart = len(planned) == 1 or (name and recipe)
    records = []
    for trained in planned if recipe is None else [recipe]:
        outcomes = outcomes_of(population.directory / RUNS / trained, planned[trained], sampled)
        called = title if is_told_apart else f'{title} · {trained}'
        records.append(_records(population, sampled, outcomes, called))
    return records


def _records(
    population: Population,
    sampled: Mapping[str, Sampled],
    outcomes: Mapping[str, Outcome],
    name: str,
) -> Records:
    """The population with what its networks learned with one recipe."""
    latencies, device = _latencies(population)
    metric, unit = _metric_and_unit(outcomes)
    rows = [
        _row(network, found, latencies.get(network, {}), outcomes.get(network, _UNPLANNED))
        for network, found in sampled.items()
    ]
    return records_of(
        rows,
        name=name,
        source=str(population.directory),
        space=_space(population),
        metric=metric,
        unit=unit,
        device=device,
        curves=tuple(outcomes.get(network, _UNPLANNED).curve for network in sampled),
        is_random_part=_is_random_part(population, sampled, outcomes),
        notes=tuple(note for outcome in outcomes.values() for note in outcome.notes),
    )


def _is_random_part(
    population: Population, names: Collection[str], outcomes: Mapping[str, Outcome]
) -> bool:
    """Whether the networks that ended are a random part of the population."""
    ended = {name for name, outcome in outcomes.items() if outcome.status in ('done', 'failed')}
    begun = {name for name, outcome in outcomes.items() if outcome.begun}
    return is_random_part(
        names, set(outcomes), population.seed, ended=ended, untouched=set(names) - begun
    )


def _metric_and_unit(outcomes: Mapping[str, Outcome]) -> tuple[str, str]:
    """Those of the first network that has some; the paper's where none has."""
    for outcome in outcomes.values():
        if outcome.metric and outcome.unit is not None:
            return outcome.metric, outcome.unit
    return DEFAULT_METRIC, PERCENT


def _row(
    network: str, sampled: Sampled, latency: Mapping[str, float], outcome: Outcome
) -> NetworkRow:
    seconds = {} if outcome.seconds is None else dict(seconds=outcome.seconds)
    return NetworkRow(
        network=network,
        status=outcome.status,
        reason=outcome.reason,
        last_error=outcome.last_error,
        best_error=outcome.best_error,
        deviation=outcome.deviation,
        seeds=outcome.seeds,
        failed_seeds=outcome.failed_seeds,
        numbers={**sampled.numbers, **seconds, **latency},
        backbone=sampled.backbone,
        config=outcome.config,
        conditions={**sampled.counted_at, **outcome.conditions},
    )


def _planned_runs(population: Population) -> dict[str, list[RunName]]:
    """Per recipe its runs; folders that have neither runs nor a recipe are the user's."""
    place = population.directory / RUNS
    planned = {}
    for recipe in folders_in(place):
        runs = run_names_in(place / recipe)
        if runs or is_there(place / recipe / RECIPE):
            planned[recipe] = runs
    return planned


class _Measured(NamedTuple):
    """How times were measured.

    Attributes:
        device, threads, batch, resolution: as in `Latency`.
    """

    device: str
    threads: int
    batch: int
    resolution: int


def _latencies(population: Population) -> tuple[dict[str, dict[str, float]], str]:
    """Times of networks, measured in the way in which most networks were.

    Returns:
        The times per network, ``latency`` and ``training_step``; and on what, and how, they were
        measured, '' if none were.
    """
    measured: dict[_Measured, dict[str, Latency]] = {}
    for latency in read_latencies(population):
        way = _Measured(latency.device, latency.threads, latency.batch, latency.resolution)
        measured.setdefault(way, {})[latency.network] = latency
    if not measured:
        return {}, ''
    way = max(measured, key=lambda way: len(measured[way]))
    times = {
        network: known_numbers(dict(latency=latency.inference, training_step=latency.training))
        for network, latency in measured[way].items()
    }
    used = f', {way.threads} thread{"" if way.threads == 1 else "s"}' if way.threads else ''
    return times, f'{way.device}{used}, batch {way.batch}, {way.resolution} pixels'


def _space(population: Population) -> dict[str, Any]:
    """What the manifest says of the space; one that was written by hand may lack anything."""
    manifest = population.manifest
    constraints = manifest.get('constraints')
    flops = constraints.get('flops') if isinstance(constraints, dict) else None
    twins_of = manifest.get('twins_of')
    low, high = flops if isinstance(flops, list) and len(flops) == 2 else (None, None)
    known = space_of(
        dict(
            size=manifest.get('space_size'),
            paper_size=manifest.get('space_size_of_the_paper'),
            dimension=manifest.get('dimension'),
            low=low,
            high=high,
            description=manifest.get('space'),
            seed=manifest.get('seed'),
            uniforms=manifest.get('uniforms'),
            twins_of=twins_of.get('name') if isinstance(twins_of, dict) else None,
            scaled=manifest.get('scaled'),
        )
    )
    return dict(name=population.directory.resolve().name, **known)
