"""What was read: the populations and their networks in numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.plot import Cell
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.report.sections.adjustments import with_adjusted_means
from regnet_plugin.report.sections.spaces import size_of
from regnet_plugin.report.wording import listed, power

# Which networks n counts, by how failed ones are treated.
_COUNTED_NETWORKS = dict(outside='with an error', counted='with an error, or failed')
_COLUMNS = (
    'population',
    'networks',
    'n',
    'failed',
    'not finished',
    'minimum',
    'mean',
    'best network',
    'flops',
    'parameters',
    'activations',
    'space',
)


def overview_section(populations: Sequence[ReportedPopulation]) -> Section:
    """Make the section: a table of the populations, and what failed."""
    rules = populations[0].rules
    text = [*_failed_networks(populations), *_failed_trainings(populations), rules.text]
    table = Table(
        'populations',
        'Populations',
        _COLUMNS,
        [_row(population) for population in populations],
        f'n: networks {_COUNTED_NETWORKS[rules.failed]}. Flops (multiply-adds), parameters and '
        'activations (outputs of convolutions): medians. Space: its number of networks, as the '
        'paper counts it.',
    )
    return Section('read', 'Populations', text, [with_adjusted_means(table, populations)])


def _failed_networks(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return a sentence on the failed networks of each population, with reasons; none without."""
    told = []
    for population in populations:
        if population.reasons:
            reasons = [f'{number} {reason}' for reason, number in population.reasons.items()]
            told.append(f'{population.name}: {listed(reasons)}')
    return [f'Failed networks: {"; ".join(told)}.'] if told else []


def _failed_trainings(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return a sentence on networks that have an error although a training failed, or none."""
    told = []
    for population in populations:
        networks, trainings = population.partly_failed
        if networks:
            what = f'{counted(trainings, "training")} of {counted(networks, "network")}'
            told.append(f'{population.name}: {what}')
    return [f'Failed trainings beside others that ended well: {"; ".join(told)}.'] if told else []


def _row(population: ReportedPopulation) -> tuple[Cell, ...]:
    best = population.networks[population.order[0]] if population.trained else None
    return (
        population.name,
        len(population.records.networks),
        population.n,
        population.failed,
        population.unfinished,
        population.edf.minimum,
        population.edf.mean,
        best,
        _median(population.column('flops')),
        _median(population.column('parameters')),
        _median(population.column('activations')),
        power(size_of(population)),
    )


def _median(values: NDArray[np.float64]) -> float:
    """Return the median of the known values; NaN where none is known."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float('nan')
