"""Which networks of a population are best, and how sure that is: section 5 of the paper."""

import csv
import io
import statistics
from dataclasses import dataclass
from itertools import islice
from typing import Tuple

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.files import folders_in, replace
from regnet_plugin.population.measured_error import PERCENT
from regnet_plugin.population.runs import RUNS, Run, networks_with_runs, recipe_folder
from regnet_plugin.population.store import Network, PopulationError


@dataclass(frozen=True)
class Rating:
    """The error of a network over its trainings with one recipe.

    Attributes:
        network (Network): which one.
        errors (tuple[float]): of the last epoch, one per seed that ended well, in the order of the
            seeds.
        failed (int): seeds that failed.
        unit (str): of the errors, see `Result`.
    """

    network: Network
    errors: Tuple[float, ...]
    failed: int = 0
    unit: str = PERCENT

    @property
    def mean(self):
        """None where no seed ended well."""
        return statistics.fmean(self.errors) if self.errors else None

    @property
    def deviation(self):
        """Standard deviation over the seeds with n - 1; None for fewer than two."""
        return statistics.stdev(self.errors) if len(self.errors) > 1 else None


def ratings_of(runs):
    """Rate networks by the runs of theirs that ended.

    Args:
        runs (Iterable[Run]): of one recipe; those that have not ended do not count.

    Returns:
        tuple[Rating]: by mean error, networks without any at the end.
    """
    grouped = {}
    for run in sorted(runs, key=lambda run: run.seed):
        grouped.setdefault(run.network.name, (run.network, []))[1].append(run.result())
    return tuple(
        sorted(
            (_rating(network, results) for network, results in grouped.values()),
            key=lambda rating: (rating.mean is None, rating.mean, rating.network.name),
        )
    )


def _rating(network, results):
    ended = [result for result in results if result is not None]
    failed = sum(result.status == 'failed' for result in ended)
    rated = [
        result for result in ended if result.status == 'done' and result.last_error is not None
    ]
    return Rating(
        network,
        tuple(result.last_error for result in rated),
        failed,
        rated[0].unit if rated else PERCENT,
    )


def best_networks(population, recipe, count, among=None):
    """Choose the networks with the least error after the last epoch, the mean over the seeds that
    were trained.

    Args:
        population (Population): a trained one.
        recipe (str): name of that whose results decide.
        count (int): how many.
        among (int, optional): only the first so many networks of the population are candidates:
            section 5 chooses the best of 25. Default: None, all.

    Returns:
        tuple[Rating]: the best first.

    Raises:
        PopulationError: if fewer networks have an error with that recipe.
    """
    folder = recipe_folder(population, recipe)
    recipes = folders_in(population.directory / RUNS)
    if recipe not in recipes:
        known = ', '.join(recipes)
        raise PopulationError(
            f'networks are ranked by a recipe that they were trained with ({known or "none yet"}), '
            'but '
            f'{population.directory} has no runs of {recipe}'
        )
    networks = {network.name: network for network in islice(population, among)}
    found = networks_with_runs(folder)
    ratings = ratings_of(
        Run(folder / f'{name}-{seed}', networks[name], seed)
        for name, seed in found
        if name in networks
    )
    rated = tuple(rating for rating in ratings if rating.errors)
    if len(rated) < count:
        raise PopulationError(
            f'{count} networks are to be chosen, but only {len(rated)} of {len(networks)} have an '
            'error '
            f'with {recipe}'
        )
    return rated[:count]


def write_ratings(path, ratings, baselines=()):
    """Write ratings as CSV, a network per line.

    Args:
        path (str | Path): of the file; one that is there is replaced.
        ratings (Sequence[Rating]): in this order.
        baselines (Container[str]): names of networks that are no population's.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator='\n')
    table.writerow(
        (
            'network',
            'baseline',
            'mean_error',
            'deviation',
            'seeds',
            'failed',
            *COUNTS,
            'errors',
        )
    )
    for rating in ratings:
        counts = rating.network.sample.complexity
        table.writerow(
            (
                rating.network.name,
                int(rating.network.name in baselines),
                rating.mean,
                rating.deviation,
                len(rating.errors),
                rating.failed,
                *(getattr(counts, name) for name in COUNTS),
                ' '.join(map(str, rating.errors)),
            )
        )
    replace(path, text.getvalue())
