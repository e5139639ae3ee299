"""Which networks of a population are best, and how sure that is: section 5 of the paper."""

import csv
import io
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from regnet_plugin.files import folders_in, replace
from regnet_plugin.population.columns import COUNTS
from regnet_plugin.population.folder import RUNS
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.runs.layout import run_names_in
from regnet_plugin.population.runs.planning import recipe_folder
from regnet_plugin.population.runs.results import Result, deviation_over_seeds, mean_over_seeds
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork


@dataclass(frozen=True)
class Rating:
    """The error of a network over its trainings with one recipe.

    Attributes:
        network: which one.
        errors: of the last epoch, one per seed that ended well, in the order of the seeds.
        failed: seeds that failed.
        unit: of the errors, see `Result`.
    """

    network: SampledNetwork
    errors: tuple[float, ...]
    failed: int = 0
    unit: str = PERCENT

    @property
    def mean(self) -> float | None:
        """See `mean_over_seeds`."""
        return mean_over_seeds(self.errors)

    @property
    def deviation(self) -> float | None:
        """See `deviation_over_seeds`."""
        return deviation_over_seeds(self.errors)


def ratings_of(runs: Iterable[Run]) -> tuple[Rating, ...]:
    """Rate networks by the runs of theirs that ended.

    Args:
        runs: of one recipe; those that have not ended do not count.

    Returns:
        By mean error, of equal ones by name; networks without any at the end.
    """
    networks: dict[str, SampledNetwork] = {}
    results: dict[str, list[Result]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        result = run.result()
        networks[run.network.name] = run.network
        ended = results.setdefault(run.network.name, [])
        if result is not None:
            ended.append(result)
    ratings = [_rating(networks[name], results[name]) for name in networks]
    return tuple(sorted(ratings, key=_place))


def _rating(network: SampledNetwork, results: Sequence[Result]) -> Rating:
    """The rating of a network whose trainings ended so."""
    failed = sum(result.status == 'failed' for result in results)
    errors, units = [], []
    for result in results:
        if result.status == 'done' and result.last_error is not None:
            errors.append(result.last_error)
            units.append(result.unit)
    return Rating(network, tuple(errors), failed, units[0] if units else PERCENT)


def _place(rating: Rating) -> tuple[bool, float, str]:
    """What ratings are sorted by: networks without an error are the last."""
    mean = rating.mean
    return mean is None, 0.0 if mean is None else mean, rating.network.name


def best_networks(
    population: Population, recipe: str, count: int, among: int | None = None
) -> tuple[Rating, ...]:
    """Choose the networks with the least error after the last epoch.

    It is the mean over the seeds that were trained.

    Args:
        population: a trained one.
        recipe: name of that whose results decide.
        count: how many.
        among: only the first so many networks of the population are candidates: section 5 chooses
            the best of 25. None: all.

    Returns:
        The best first.

    Raises:
        PopulationError: if fewer networks have an error with that recipe.
    """
    folder = recipe_folder(population, recipe)
    recipes = folders_in(population.directory / RUNS)
    if recipe not in recipes:
        known = ', '.join(recipes)
        raise PopulationError(
            f'networks are ranked by a recipe that they were trained with ({known or "none yet"}), '
            f'but {population.directory} has no runs of {recipe}'
        )
    networks = {network.name: network for network in islice(population, among)}
    runs = [
        Run(folder / name.folder, networks[name.network], name.seed)
        for name in run_names_in(folder)
        if name.network in networks
    ]
    rated = tuple(rating for rating in ratings_of(runs) if rating.errors)
    if len(rated) < count:
        raise PopulationError(
            f'{count} networks are to be chosen, but only {len(rated)} of {len(networks)} have an '
            f'error with {recipe}'
        )
    return rated[:count]


def write_ratings(
    path: str | Path, ratings: Iterable[Rating], baselines: Container[str] = ()
) -> None:
    """Write ratings as CSV, a network per line.

    Args:
        path: of the file; one that is there is replaced.
        ratings: in this order.
        baselines: names of networks that are no population's.
    """
    text = io.StringIO()
    header = ('network', 'baseline', 'mean_error', 'deviation', 'seeds', 'failed')
    table = csv.writer(text, lineterminator='\n')
    table.writerow((*header, *COUNTS, 'errors'))
    for rating in ratings:
        counts = rating.network.counts
        outcome = (
            rating.network.name,
            int(rating.network.name in baselines),
            rating.mean,
            rating.deviation,
            len(rating.errors),
            rating.failed,
        )
        errors = ' '.join(str(error) for error in rating.errors)
        table.writerow((*outcome, *(counts[name] for name in COUNTS), errors))
    replace(path, text.getvalue())
