"""What the runs of each network of a population came to, with one recipe."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regnet_plugin.files import is_there, read_text
from regnet_plugin.population.readers.network_rows import or_nan
from regnet_plugin.population.readers.sampled_lines import Sampled
from regnet_plugin.population.recipe_conditions import conditions_of
from regnet_plugin.population.records import Curve
from regnet_plugin.population.runs.attempts import attempts_of, is_held
from regnet_plugin.population.runs.layout import CONFIG, RECIPE, RunName
from regnet_plugin.population.runs.planning import runs_of_networks
from regnet_plugin.population.runs.results import (
    BROKEN,
    Result,
    deviation_over_seeds,
    mean_over_seeds,
    read_result_or_failure,
    shorten,
)


@dataclass(frozen=True)
class Outcome:
    """What the runs of a network with one recipe came to.

    Attributes:
        status, reason, last_error, best_error, deviation, seeds, failed_seeds, config: as in
            `NetworkRow`.
        seconds: mean of the trainings that ended well; None where none has a time.
        metric, unit: of the errors; None where no training ended well.
        begun: whether anybody began to train it.
        conditions: of the trainings.
        curve: errors of the evaluations of the first training that ended well.
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
    begun: bool = False
    config: str | None = None
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    curve: Curve = ()
    notes: tuple[str, ...] = ()


def outcomes_of(
    folder: Path, planned: Sequence[RunName], sampled: Mapping[str, Sampled]
) -> dict[str, Outcome]:
    """Read what the runs of each network that has some came to.

    Args:
        folder: of the recipe.
        planned: its runs.
        sampled: the networks that there are.

    Returns:
        By the networks' names.

    Raises:
        PopulationError: if there is a run of a number that the population does not have.
        OSError: naming what cannot be read now.
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
) -> Outcome:
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
        begun=bool(ended) or any(map(attempts_of, folders)),
        failed_seeds=len(failed),
        config=str(config) if is_there(config) else None,
        conditions=_conditions(ended, of_recipe),
        notes=tuple(result.message for result in ended if result.reason == BROKEN),
    )
    if done:
        return Outcome('done', **_means(done), **known)
    if len(failed) == len(folders):
        return Outcome('failed', failed[0].reason, **known)
    unfinished = [folder for folder, result in zip(folders, results, strict=True) if result is None]
    return Outcome('running' if any(map(is_held, unfinished)) else 'waiting', **known)


def _means(done: Sequence[Result]) -> dict[str, Any]:
    """Entries of an `Outcome` that the trainings of a network which ended well say together."""
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
        curve=_curve(done[0]),
    )


def _curve(result: Result) -> Curve:
    """Epoch and error of each evaluation of a training."""
    points = []
    for row in result.curve:
        epoch, error = row.get('epoch'), row.get('error')
        if epoch is not None and error is not None:
            points.append((epoch, error))
    return tuple(points)
