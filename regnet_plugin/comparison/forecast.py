"""What it will take to find a difference: from the errors that there are, before more are made."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regnet_plugin.analysis import (
    SampledErrors,
    mean_of,
    trainings_at_once,
    trainings_by_looks,
)
from regnet_plugin.analysis.looks.power import POWER
from regnet_plugin.comparison.looking import sample_of, variance_of
from regnet_plugin.comparison.plan import EVERY, ComparisonPlan
from regnet_plugin.population.features import features_of
from regnet_plugin.population.readers import only, read_records
from regnet_plugin.population.records import Records
from regnet_plugin.population.store import Population
from regnet_plugin.report.wording import points

_FEWEST = 5  # errors of a space: of fewer the variance may be anything


@dataclass(frozen=True)
class Known:
    """What is known of a space from its first trainings.

    Attributes:
        name: of the space.
        trained: networks with an error.
        variance: of one network's value.
        left: share of the variance that is left when what is known of untrained networks is used.
        seconds: mean of a training; NaN where that is not known.
    """

    name: str
    trained: int
    variance: float
    left: float
    seconds: float


def known_spaces(
    plan: ComparisonPlan, directory: str | Path, tables: Sequence[str | Path] = ()
) -> list[Known]:
    """Read what is known of the spaces of a comparison.

    Args:
        plan: of the comparison.
        directory: of the comparison, which need not be there.
        tables: populations or tables of errors in place of it: one, or one for each space. Default:
            none.

    Raises:
        ValueError: if there are too few errors, or as many tables as neither one nor the spaces.
    """
    if tables and len(tables) not in (1, len(plan.names)):
        raise ValueError(
            f'errors must be in one table, or in one for each of {len(plan.names)} spaces, but '
            f'there are {len(tables)}'
        )
    of_spaces = list(tables) * (len(plan.names) if len(tables) == 1 else 1)
    known = []
    for place, name in enumerate(plan.names):
        if of_spaces:
            records = only(read_records(of_spaces[place]))
            known.append(_known(plan, name, records, 0))
            continue
        folder = Path(directory, name)
        is_begun = Population.exists(folder) and (folder / 'runs' / plan.name).is_dir()
        if not is_begun:
            raise ValueError(
                f'there must be first trainings in {directory}, or a table of errors (--errors), '
                f'but of {name} there are none'
            )
        (records,) = read_records(folder, plan.name)
        known.append(_known(plan, name, records, Population.open(folder).seed))
    return known


def _known(plan: ComparisonPlan, name: str, records: Records, seed: int) -> Known:
    sample = sample_of(records, features_of(records), seed)
    trained = int(np.isfinite(sample.errors).sum())
    fewest = max(_FEWEST, plan.statistic.fewest)
    variance = variance_of(sample, plan.statistic) if trained >= fewest else math.nan
    if not variance > 0:
        raise ValueError(
            f'of each space {fewest} different errors are needed, but of {name} {records.source} '
            f'has {trained}{"" if math.isnan(variance) else ", all alike"}'
        )
    seconds = records.columns.get('seconds', np.array([math.nan]))
    timed = seconds[np.isfinite(seconds)]
    return Known(
        name=name,
        trained=trained,
        variance=variance,
        left=_share_left(sample, plan, variance) if records.is_random_part else 1.0,
        seconds=float(timed.mean()) if len(timed) else math.nan,
    )


def _share_left(sample: SampledErrors, plan: ComparisonPlan, variance: float) -> float:
    """Variance of the estimate over that of the plain mean of as many networks."""
    found = mean_of(sample, plan.statistic)
    return min(1.0, found.of_space.uncertainty.variance / (variance / found.n))


def forecast_lines(
    plan: ComparisonPlan, known: Sequence[Known], differences: Sequence[float], workers: int
) -> Iterator[str]:
    """Say what it takes to find differences of given sizes, a line each.

    Args:
        plan: of the comparison.
        known: from `known_spaces`.
        differences: in the unit of the statistic, above 0.
        workers: networks that are trained at a time.
    """
    for one in known:
        told = f'{one.name}: {one.trained} errors, standard deviation {one.variance**0.5:.3g}'
        if one.left < 1:
            told += f', {1 - one.left:.0%} of the variance of the estimate told by what is known'
        yield told
    first, second = sorted(known, key=lambda one: -one.variance * one.left)[:2]
    plain = first.variance + second.variance
    adjusted = first.variance * first.left + second.variance * second.left
    seconds = float(np.mean([one.seconds for one in known]))
    for difference in differences:
        at_once = 2 * trainings_at_once(difference, plain, plan.confidence)
        by_looks = trainings_by_looks(difference, adjusted, EVERY, plan.confidence)
        said = f'a difference of {points(difference)} is found ({POWER:.0%} power)'
        if by_looks is None:
            yield f'{said} by no hundred looks; a plain comparison would need {at_once:,} trainings'
            continue
        expected, planned = 2 * by_looks.expected, 2 * by_looks.planned
        hours = ''
        if math.isfinite(seconds):
            each = seconds / 3600 / workers
            hours = f', {expected * each:.3g} hours in the mean and {planned * each:.3g} at most'
        yield (
            f'{said} after {expected:.0f} trainings in the mean, if {planned:,} are planned'
            f'{hours}; a plain comparison would need {at_once:,}'
        )
