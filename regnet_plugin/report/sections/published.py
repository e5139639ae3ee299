"""Populations beside published networks (figures 17 and 18; tables 2 to 4)."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.core.published_results import PublishedResult, published_results
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.population.predictions import predicted_cost
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.drawing.plot import Cell, Plot
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import Family, published_plot
from regnet_plugin.report.figures.marks import note_of_part
from regnet_plugin.report.populations import (
    ReportedPopulation,
    Rules,
    error_label,
    looks_of,
)
from regnet_plugin.report.sections.cautions import counted_at
from regnet_plugin.report.units import units_of_errors

# The paper's tables by the title of the row of panels that they become.
_TABLES = {
    'as table 3 (a), equal activations': 'table 3a',
    'as table 3 (b), equal flops': 'table 3b',
    'as table 4': 'table 4',
    'as table 2': 'table 2',
}
# Beginnings of the names of networks.
_FAMILIES = ('RegNetX', 'RegNetY', 'ResNeXt', 'ResNet', 'EfficientNet')


def published_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section: error against complexity, beside published networks where that is fair.

    None where no network has an error.
    """
    trained = [population for population in populations if population.trained]
    if not trained:
        return None
    alike = [population for population in trained if _is_of_imagenet(population)]
    looks = looks_of(populations)
    plot = Sketch(
        _published_plot, 'error-against-complexity', trained, alike, error_label(populations), looks
    )
    part = note_of_part(*(population.trained for population in trained for _ in COUNTS))
    if not alike:
        figure = Figure(plot, 'Error against complexity', part)
        return Section('against-complexity', 'Error against complexity', (), [figure])
    figure = Figure(
        plot,
        'Error against complexity',
        'Below the first row: the best networks, on which the empirical bootstrap rests, and '
        f'published ones, in the groups of the tables. {part}'.rstrip(),
    )
    text = (
        'Published networks have the numbers that the paper prints, of 100 epochs on ImageNet; in '
        'table 2 those of others are as first reported, with enhancements. Populations are mostly '
        'trained for less.'
    )
    return Section(
        'against-complexity', 'Beside published networks', [text], [figure, _published_table()]
    )


def _published_plot(
    key: str,
    trained: Sequence[ReportedPopulation],
    alike: Sequence[ReportedPopulation],
    label: str,
    looks: Mapping[str, int],
) -> Plot:
    """Draw all networks, and below them the best of those that are alike and published ones."""
    rules = trained[0].rules if trained else Rules()
    costs = COUNTS if rules.cost == 'flops' else (rules.cost, *COUNTS[1:])
    groups = {
        'all networks': [_family(population, population.order, costs) for population in trained]
    }
    if alike:
        best = [_family(population, population.best, costs) for population in alike]
        for title, table in _TABLES.items():
            groups[title] = [*best, *_families(published_results(table), costs, rules)]
    return published_plot(key, groups, label, looks, costs)


def _is_of_imagenet(population: ReportedPopulation) -> bool:
    """Return whether a population may stand beside published networks.

    Those have top-1 errors of 1000 classes, and 224 pixels.
    """
    metric = population.records.metric
    return (
        ('accuracy' in metric or 'top1' in metric)
        and counted_at(population, 'num_classes') == {str(DEFAULT_NUM_CLASSES)}
        and counted_at(population, 'resolution') == {str(DEFAULT_RESOLUTION)}
    )


def _family(
    population: ReportedPopulation, chosen: NDArray[np.int_], costs: Sequence[str]
) -> Family:
    """Make a family of some networks of a population, by their indices."""
    return Family(
        population.name,
        [population.networks[index] for index in chosen],
        {name: population.column(name)[chosen] for name in costs},
        population.errors[chosen],
    )


def _families(
    results: Iterable[PublishedResult], costs: Sequence[str], rules: Rules
) -> list[Family]:
    """Put published networks together by their families."""
    grouped: dict[str, list[PublishedResult]] = {}
    for result in results:
        grouped.setdefault(_family_name(result.name), []).append(result)
    return [
        Family(
            name,
            [result.name for result in found],
            {cost: _costs(found, cost, rules) for cost in costs},
            _numbers(found, 'error'),
            published=True,
        )
        for name, found in grouped.items()
    ]


def _family_name(network: str) -> str:
    for family in _FAMILIES:
        if network.startswith(family):
            return family
    return 'others'


def _costs(results: Sequence[PublishedResult], cost: str, rules: Rules) -> NDArray[np.float64]:
    """Return a cost of each network; one that is not printed is known of RegNets alone."""
    if cost in COUNTS:
        return _numbers(results, cost)
    names = [result.name.lower().replace('-', '_') for result in results]
    return np.array(
        [
            predicted_cost(architecture_of(name), cost, rules.device)
            if name in PUBLISHED
            else np.nan
            for name in names
        ]
    )


def _numbers(results: Sequence[PublishedResult], name: str) -> NDArray[np.float64]:
    """Return a number of each network; NaN where the paper has none."""
    return np.array([getattr(result, name) for result in results], dtype=np.float64)


def _published_table() -> Table:
    columns = (
        'table',
        'group',
        'network',
        *COUNTS,
        'error',
        'deviation',
        'as first reported',
        'note',
    )
    rows = [
        _row(table, result) for table in _TABLES.values() for result in published_results(table)
    ]
    return Table(
        'published-networks',
        'Published networks',
        columns,
        rows,
        'Rows of a group have equal activations (table 3a) or equal flops (tables 3b and 4).',
        units=units_of_errors(['error', 'as first reported'], ['deviation']),
    )


def _row(table: str, result: PublishedResult) -> tuple[Cell, ...]:
    return (
        table,
        result.group,
        result.name,
        result.flops,
        result.parameters,
        result.activations,
        result.error,
        result.deviation,
        result.original_error,
        result.note,
    )
