"""Populations that this package sampled and trained: see `population.store` and `run_layout`.

The lines of a population are read as plain JSON: to build each `Sample` takes three times as long
as all that is done here, and 10^5 networks are to be read in seconds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from regnet_plugin.files import folders_in, is_there, naming, read_text, unambiguous
from regnet_plugin.population.attempts import is_held
from regnet_plugin.population.columns import (
    ALIASES,
    COUNTS,
    DRAWN_LISTS,
    LETTERS,
    LISTS,
    NETWORK,
    SETTINGS,
    check_parameter,
    of_stage,
)
from regnet_plugin.population.latency_file import Latency, read_latencies
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.readers.checks import known_numbers, space_of
from regnet_plugin.population.readers.network_rows import (
    NetworkRow,
    backbone_of,
    keep_shared,
    or_nan,
    records_of,
    stage_numbers,
)
from regnet_plugin.population.recipe_conditions import conditions_of
from regnet_plugin.population.records import DEFAULT_METRIC, Records
from regnet_plugin.population.results import (
    BROKEN,
    Result,
    deviation_over_seeds,
    mean_over_seeds,
    read_result_or_failure,
    shorten,
)
from regnet_plugin.population.run_layout import CONFIG, RECIPE, RUNS, RunName, run_names_in
from regnet_plugin.population.runs.planning import runs_of_networks
from regnet_plugin.population.store import (
    Population,
    PopulationError,
    SampledNetwork,
    check_new,
)

_KEYS = frozenset((*LISTS, *NETWORK))
# Parameters that the stages say, after the group-width rule.
_OF_STAGES = ('depth', *DRAWN_LISTS)
_WHOLE: frozenset[type] = frozenset((int,))
_REAL: frozenset[type] = frozenset((int, float))


class _Sampled(NamedTuple):
    """What is known of a network as soon as it is sampled.

    Attributes:
        numbers: its columns.
        backbone: arguments of AnyNet.
        counted_at: classes and resolution, as `Records.conditions` has them.
    """

    numbers: dict[str, float]
    backbone: dict[str, Any]
    counted_at: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Outcome:
    """What the runs of a network with one recipe came to.

    Attributes:
        status, reason, last_error, best_error, deviation, seeds, failed_seeds, config: as in
            `NetworkRow`.
        seconds: mean of the trainings that ended well; None where none has a time.
        metric, unit: of the errors; None where no training ended well.
        conditions: of the trainings.
        notes: on results that cannot be used.
    """

    status: str = 'waiting'
    reason: str | None = None
    last_error: float = math.nan
    best_error: float = math.nan
    deviation: float = math.nan
    seeds: int = 0
    failed_seeds: int = 0
    seconds: float | None = None
    metric: str | None = None
    unit: str | None = None
    config: str | None = None
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_population(
    path: str | Path, recipe: str | None = None, name: str | None = None
) -> tuple[Records, ...]:
    """Read a population's directory, whatever has been sampled, trained and measured until now.

    Args:
        path: of the directory.
        recipe: name of the only one that is wanted. None: all.
        name: of the population. None: that of the directory.

    Returns:
        One per recipe, in the order of their names; one of networks that wait if there is no
        recipe.

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
    sampled = _sampled(population)
    title = name or population.directory.resolve().name
    if not planned:
        return (_records(population, sampled, {}, title),)
    is_told_apart = len(planned) == 1 or (name and recipe)
    records = []
    for trained in planned if recipe is None else [recipe]:
        outcomes = _outcomes(population.directory / RUNS / trained, planned[trained], sampled)
        called = title if is_told_apart else f'{title} · {trained}'
        records.append(_records(population, sampled, outcomes, called))
    return tuple(records)


def _records(
    population: Population,
    sampled: Mapping[str, _Sampled],
    outcomes: Mapping[str, _Outcome],
    name: str,
) -> Records:
    """The population with what its networks learned with one recipe."""
    latencies, device = _latencies(population)
    metric, unit = _metric_and_unit(outcomes)
    rows = [
        _row(network, found, latencies.get(network, {}), outcomes.get(network, _Outcome()))
        for network, found in sampled.items()
    ]
    keep_shared(rows)
    return records_of(
        rows,
        name=name,
        source=str(population.directory),
        space=_space(population),
        metric=metric,
        unit=unit,
        device=device,
        notes=tuple(note for outcome in outcomes.values() for note in outcome.notes),
    )


def _metric_and_unit(outcomes: Mapping[str, _Outcome]) -> tuple[str, str]:
    """Those of the first network that has some; the paper's where none has."""
    for outcome in outcomes.values():
        if outcome.metric and outcome.unit is not None:
            return outcome.metric, outcome.unit
    return DEFAULT_METRIC, PERCENT


def _row(
    network: str, sampled: _Sampled, latency: Mapping[str, float], outcome: _Outcome
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


def _sampled(population: Population) -> dict[str, _Sampled]:
    """What is known of each network. A last line without its end is being written."""
    with naming(population.path):
        lines = population.path.read_bytes().split(b'\n')[:-1] if is_there(population.path) else []
    sampled: dict[str, _Sampled] = {}
    for number, line in enumerate(lines, 1):
        try:
            values = _parsed(line)
            check_new(values['network'], sampled)
            sampled[values['network']] = _Sampled(
                _numbers(values), _backbone(values), _counted_at(values)
            )
        except (ValueError, RecursionError) as error:
            raise PopulationError(f'{population.path}:{number}: {error}') from None
    if not sampled:
        raise PopulationError(f'there is no network in {population.directory} yet')
    return sampled


def _parsed(line: bytes) -> dict[str, Any]:
    """The JSON of a line.

    What does not look like a network is read with all rules, to say which one is broken.
    """
    values = unambiguous(line)
    try:
        looks_right = _looks_right(values)
    # of values of other kinds than are expected
    except (TypeError, AttributeError, KeyError, ArithmeticError):
        looks_right = False
    if not looks_right:
        SampledNetwork.from_line(line)
        raise ValueError('depths, widths and group widths must fit 64 bits')
    found: dict[str, Any] = values
    return found


def _looks_right(values: Any) -> bool:
    """Whether all that is used here of a line is of the right kind."""
    architecture, complexity = values['architecture'], values['complexity']
    stages = len(architecture['depths'])
    numbers = [complexity[name] for name in COUNTS]
    numbers += [values['resolution'], values.get('lr', 1), values.get('weight_decay', 1)]
    for value in values['parameters'].values():
        numbers += value if isinstance(value, list) else [value]
    ones = [1] * stages  # where the block has no bottleneck, or no groups
    return (
        type(values['network']) is str
        and type(values['activation']) is str
        and type(values['num_classes']) is int
        and _KEYS.issuperset(architecture)
        and _are_numbers(numbers, _REAL)
        and _is_list(architecture['depths'], stages, _WHOLE)
        and _is_list(architecture['widths'], stages, _WHOLE)
        and _is_list(architecture['bottleneck_ratios'] or ones, stages, _REAL)
        and _is_list(architecture['group_widths'] or ones, stages, _WHOLE)
    )


def _is_list(values: Any, stages: int, kinds: frozenset[type]) -> bool:
    """Whether these are positive numbers of some kinds, one per stage."""
    return (
        type(values) is list
        and len(values) == stages
        and _are_numbers(values, kinds)
        and min(values) > 0
    )


def _are_numbers(values: Sequence[Any], kinds: frozenset[type]) -> bool:
    """Whether these are numbers that fit 64 bits, not NaN: in a sum these would show."""
    return kinds.issuperset(map(type, values)) and -(2**63) < sum(values) < 2**63


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The columns of a network.

    Nominal parameters, stages after the group-width rule, and what was drawn beside the
    architecture.
    """
    numbers: dict[str, float] = {name: values['complexity'][name] for name in COUNTS}
    numbers.update(stage_numbers(values['architecture']))
    parameters = values['parameters']
    for letter in 'bg':
        nominal = parameters.get(LETTERS[letter])
        if isinstance(nominal, list) and len(set(nominal)) == 1:
            numbers[letter] = nominal[0]
    for name, value in parameters.items():
        if name in _OF_STAGES:
            continue
        if isinstance(value, list):
            check_parameter(of_stage(name, 1))
            numbers.update({of_stage(name, stage): entry for stage, entry in enumerate(value, 1)})
        elif name in ALIASES:
            numbers[ALIASES[name]] = value
        else:
            check_parameter(name)
            numbers[name] = value
    numbers.update({name: values[name] for name in SETTINGS if name in values})
    return numbers


def _counted_at(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (str(values[name]),) for name in ('num_classes', 'resolution')}


def _backbone(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of AnyNet; an activation other than ReLU as the run's config has it."""
    backbone = backbone_of(values['architecture'])
    if values['activation'] != 'ReLU':
        backbone['act_cfg'] = dict(type=values['activation'])
    return backbone


def _outcomes(
    folder: Path, planned: Sequence[RunName], sampled: Mapping[str, _Sampled]
) -> dict[str, _Outcome]:
    """What the runs of each network that has some came to.

    Args:
        folder: of the recipe.
        planned: its runs.
        sampled: the networks that there are.
    """
    of_recipe = _recipe_conditions(folder)
    runs: dict[str, list[RunName]] = {}
    for run in runs_of_networks(planned, sampled, folder):
        runs.setdefault(run.network, []).append(run)
    outcomes = {}
    for network, of_network in runs.items():
        of_network.sort(key=lambda run: run.seed)
        folders = [folder / run.folder for run in of_network]
        outcomes[network] = _outcome(folders, sampled[network].numbers, of_recipe)
    return outcomes


def _recipe_conditions(folder: Path) -> dict[str, tuple[str, ...]]:
    """What the text of a recipe says of its conditions."""
    try:
        return conditions_of(folder.name, read_text(folder / RECIPE))
    except (FileNotFoundError, ValueError):  # there is none, or it is no text
        return dict(recipe=(folder.name,))


def _conditions(
    results: Sequence[Result], of_recipe: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Conditions that the recipe's text says, and what the trainings of a network noted."""
    noted: dict[str, set[str]] = dict(metric=set(), recipe_digest=set(), versions=set())
    for result in results:
        if result.metric and result.status == 'done':
            noted['metric'].add(result.metric)
        if result.recipe_digest:
            noted['recipe_digest'].add(result.recipe_digest)
        for name, version in result.versions.items():
            if isinstance(version, str):  # the file may say anything
                noted['versions'].add(shorten(f'{name} {version}'))
    found = {name: tuple(sorted(values)) for name, values in noted.items() if values}
    return {**found, **of_recipe}


def _outcome(
    folders: Sequence[Path],
    counts: Mapping[str, float],
    of_recipe: Mapping[str, tuple[str, ...]],
) -> _Outcome:
    """What the runs of a network come to.

    Their mean as soon as one ended well, a failure when all failed.

    Args:
        folders: of the runs, in the order of the seeds.
        counts: of the network, which results must have.
        of_recipe: conditions that the recipe's text says.
    """
    results = [read_result_or_failure(folder, counts) for folder in folders]
    ended = [result for result in results if result is not None]
    done = [result for result in ended if result.status == 'done']
    failed = [result for result in ended if result.status == 'failed']
    config = folders[0] / CONFIG
    known: dict[str, Any] = dict(
        failed_seeds=len(failed),
        config=str(config) if is_there(config) else None,
        conditions=_conditions(ended, of_recipe),
        notes=tuple(result.message for result in ended if result.reason == BROKEN),
    )
    if done:
        return _Outcome('done', **_means(done), **known)
    if len(failed) == len(folders):
        return _Outcome('failed', failed[0].reason, **known)
    unfinished = [folder for folder, result in zip(folders, results, strict=True) if result is None]
    return _Outcome('running' if any(map(is_held, unfinished)) else 'waiting', **known)


def _means(done: Sequence[Result]) -> dict[str, Any]:
    """Entries of an `_Outcome` that the trainings of a network which ended well say together."""
    last_errors = [result.last_error for result in done if result.last_error is not None]
    best_errors = [result.best_error for result in done if result.best_error is not None]
    seconds = [result.seconds for result in done if result.seconds is not None]
    return dict(
        last_error=or_nan(mean_over_seeds(last_errors)),
        best_error=or_nan(mean_over_seeds(best_errors)),
        deviation=or_nan(deviation_over_seeds(last_errors)),
        seeds=len(done),
        seconds=mean_over_seeds(seconds),
        metric=done[0].metric,
        unit=done[0].unit,
    )


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
    low, high = flops if isinstance(flops, list) and len(flops) == 2 else (None, None)
    known = space_of(
        dict(
            size=manifest.get('space_size'),
            paper_size=manifest.get('space_size_of_the_paper'),
            dimension=manifest.get('dimension'),
            low=low,
            high=high,
            description=manifest.get('space'),
        )
    )
    return dict(name=population.directory.resolve().name, **known)
