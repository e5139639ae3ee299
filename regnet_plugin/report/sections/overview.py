"""What was read: the populations and their networks in numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.populations import ReportedPopulation, unit_of
from regnet_plugin.report.sections.comparisons.adjustments import with_adjusted_means
from regnet_plugin.report.sections.spaces import size_of
from regnet_plugin.report.units import units_of_errors
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
_OFTEN_EMPTY = ('failed', 'not finished', 'space')
_UNKNOWN = power(None)


def overview_section(populations: Sequence[ReportedPopulation]) -> Section:
    """Make the section: a table of the populations, and what failed."""
    rules = populations[0].rules
    text = [*_failed_networks(populations), *_failed_trainings(populations), rules.text]
    table = Table(
        'populations',
        'Networks and their errors',
        *_without_empty([_row(population) for population in populations]),
        f'n: networks {_COUNTED_NETWORKS[rules.failed]}. Flops (multiply-adds), parameters and '
        'activations (outputs of convolutions): medians. Space: its number of networks, as the '
        'paper counts it.',
        units=units_of_errors(['minimum', 'mean'], unit=unit_of(populations)),
    )
    table = with_adjusted_means(_with_planned(table, populations), populations)
    return Section('read', 'Populations', text, [table])


def _with_planned(table: Table, populations: Sequence[ReportedPopulation]) -> Table:
    """Give a table a column of the networks that are to be trained, where these are not all."""
    sampled_only = [len(each.records.networks) - each.planned for each in populations]
    if not any(sampled_only):
        return table
    place = table.columns.index('n')
    rows = [
        (*row[:place], population.planned, *row[place:])
        for row, population in zip(table.rows, populations)
    ]
    return replace(
        table,
        columns=(*table.columns[:place], 'planned', *table.columns[place:]),
        rows=rows,
        caption=f'{table.caption} Planned: networks that are trained, or are to be.',
    )


def _without_empty(rows: Sequence[tuple[Cell, ...]]) -> tuple[list[str], list[list[Cell]]]:
    """Leave out the columns that say nothing: nothing failed, no size is known, say."""
    kept = [
        place
        for place, name in enumerate(_COLUMNS)
        if name not in _OFTEN_EMPTY or any(row[place] not in (0, _UNKNOWN) for row in rows)
    ]
    return [_COLUMNS[place] for place in kept], [[row[place] for place in kept] for row in rows]


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
        *(_median(_column(population, name)) for name in ('flops', 'parameters', 'activations')),
        power(size_of(population)),
    )


def _column(population: ReportedPopulation, name: str) -> NDArray[np.float64]:
    """A column of the networks that count, or of all that were sampled where none does yet."""
    sampled = population.records.columns.get(name, np.array([]))
    return population.column(name) if population.n else sampled


def _median(values: NDArray[np.float64]) -> float:
    """Return the median of the known values; NaN where none is known."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float('nan')
