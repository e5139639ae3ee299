"""A look: what is known of each space after so many trainings of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import (
    Estimate,
    SampledErrors,
    Statistic,
    difference_of,
    pairs_of,
    values_of,
)
from regnet_plugin.analysis.looks.decisions import Pair
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.order import first_networks


@dataclass(frozen=True)
class LookTaken:
    """What a look saw.

    Attributes:
        trainings: of each space that was looked at.
        differences: of the statistic, of each pair of these spaces.
        variances: of one network's value, of each of these spaces; NaN where it is not known.
        failed: networks of each of these spaces that failed.
    """

    trainings: int
    differences: Mapping[Pair, Estimate]
    variances: Mapping[str, float]
    failed: Mapping[str, int]


def take_look(
    samples: Mapping[str, SampledErrors], trainings: int, statistic: Statistic
) -> LookTaken:
    """Look at spaces.

    Args:
        samples: by the names of the spaces, see `sample_of`; the same is known of all.
        trainings: of each.
        statistic: that they are compared by.
    """
    return LookTaken(
        trainings=trainings,
        differences={
            (first, second): difference_of(samples[first], samples[second], statistic)
            for first, second in pairs_of(samples)
        },
        variances={name: variance_of(sample, statistic) for name, sample in samples.items()},
        failed={name: int(sample.failed.sum()) for name, sample in samples.items()},
    )


def variance_of(sample: SampledErrors, statistic: Statistic) -> float:
    """Variance of one network's value of a statistic; NaN where it is not known."""
    errors = sample.errors[~np.isnan(sample.errors) & ~sample.failed]
    return float(values_of(errors, statistic).var(ddof=1)) if len(errors) > 1 else float('nan')


def sample_of(
    records: Records, features: NDArray[np.float64], seed: int, trainings: int | None = None
) -> SampledErrors:
    """Make the sample of a space of its population, as it is or as it was after some trainings.

    Args:
        records: of the population.
        features: what is known of its networks, see `shared_features`.
        seed: of the population.
        trainings: of networks that are looked at, in the order in which they are trained. Default:
            None, all that ended.
    """
    count = len(records.networks) if trainings is None else trainings
    looked_at = np.isin(records.networks, first_networks(records.networks, seed, count))
    rated = records.rated() & looked_at
    return SampledErrors(
        errors=np.where(rated, records.last_error, np.nan),
        features=features,
        failed=(records.status == 'failed') & looked_at,
    )
