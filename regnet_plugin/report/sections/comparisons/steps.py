"""Design steps: each population against the one before it, beside the sizes of the spaces.

Table 1.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from regnet_plugin.analysis import PairComparison, compare
from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import steps_plot
from regnet_plugin.report.populations import ReportedPopulation, error_label, unit_of
from regnet_plugin.report.sections.comparisons.adjustments import with_adjusted_differences
from regnet_plugin.report.sections.spaces import description_of, size_of
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import factor, power

_COLUMNS = (
    'space',
    'degrees of freedom',
    'size',
    'against before',
    'n',
    'minimum',
    'mean',
    'change of the mean',
    'low',
    'high',
    'p',
)


def are_steps(populations: Sequence[ReportedPopulation]) -> bool:
    """Return whether populations, in their order, are steps of a design.

    They are if the sizes of their spaces are known, never grow, and shrink at least once.
    """
    sizes = [size_of(population) for population in populations]
    known = [size for size in sizes if size is not None]
    if len(sizes) < 2 or len(known) < len(sizes):
        return False
    never_grow = all(before >= after for before, after in pairwise(known))
    return never_grow and known[0] > known[-1]


def steps_section(populations: Sequence[ReportedPopulation]) -> Section:
    """Make the section: what each restriction cost or gave.

    Args:
        populations: steps of a design, see `are_steps`.
    """
    pairs = [(after.name, before.name) for before, after in pairwise(populations)]
    errors = {population.name: population.errors for population in populations}
    compared = compare(errors, pairs, level=1 - populations[0].rules.level).pairs
    sizes = [_known_size(population) for population in populations]
    plot = Sketch(
        steps_plot,
        'design-steps',
        {population.name: population.edf for population in populations},
        {population.name: size for population, size in zip(populations, sizes)},
        error_label(populations),
    )
    figure = Figure(
        plot,
        'What each restriction cost or gave',
        'Minimum and mean error, and the size of each space (table 1).',
    )
    rows = [_first_row(populations[0])]
    text = []
    for (before, after), found in zip(pairwise(populations), compared):
        rows.append(_row(before, after, found))
        text.append(_sentence(before, after, found))
    text.append(_in_all(populations))
    table = Table(
        'steps',
        'Design steps',
        _COLUMNS,
        rows,
        'Sizes as the paper counts them. Change against the space before, with its confidence '
        f'interval; p of the Kolmogorov-Smirnov test, corrected for {counted(len(pairs), "step")}, '
        'which are fewer than all pairs.',
        units=units_of_errors(
            ['minimum', 'mean'], ['change of the mean', 'low', 'high'], unit_of(populations)
        ),
    )
    table = with_adjusted_differences(table, compared, populations)
    return Section('design', 'Design steps', text, [figure, table])


def _known_size(population: ReportedPopulation) -> int:
    size = size_of(population)
    if size is None:
        raise ValueError(f'the size of a step must be known, but that of {population.name} is not')
    return size


def _change_of_size(before: ReportedPopulation, after: ReportedPopulation) -> str:
    """Say how the size of the space changes: '27 times smaller'."""
    old, new = _known_size(before), _known_size(after)
    return (
        f'{factor(old / new)} times smaller' if old >= new else f'{factor(new / old)} times larger'
    )


def _first_row(population: ReportedPopulation) -> tuple[Cell, ...]:
    return (*_own_cells(population, None), None, None, None, None)


def _row(
    before: ReportedPopulation, after: ReportedPopulation, found: PairComparison
) -> tuple[Cell, ...]:
    own = _own_cells(after, _change_of_size(before, after))
    return (*own, found.difference, found.low, found.high, found.p_value)


def _own_cells(population: ReportedPopulation, change_of_size: str | None) -> tuple[Cell, ...]:
    """Return the cells of a row that are not about the change of the errors."""
    return (
        population.name,
        population.records.space.get('dimension'),
        power(_known_size(population)),
        change_of_size,
        population.n,
        population.edf.minimum,
        population.edf.mean,
    )


def _points(populations: Sequence[ReportedPopulation]) -> str:
    """Return what follows a difference of errors: ' points' where they are in percent, else ''."""
    return ' points' if unit_of(populations) else ''


def _sentence(before: ReportedPopulation, after: ReportedPopulation, found: PairComparison) -> str:
    """Say what a step restricts, how much smaller the space gets, and what that does to errors."""
    text = (
        f'{after.name}: {_restriction(before, after)}{_change_of_size(before, after)}; '
        f'{_verdict(found)}'
    )
    if not math.isfinite(found.difference):
        return f'{text}.'
    interval = f' ({found.low:+.2f} to {found.high:+.2f})' if math.isfinite(found.low) else ''
    points = _points((before, after))
    return f'{text}, mean error {found.difference:+.2f}{points}{interval}.'


def _verdict(found: PairComparison) -> str:
    """Say how the later space, the first of the pair, compares."""
    if found.better == found.first:
        return 'better'
    if found.better == found.second:
        return 'worse'
    if found.differ:
        return 'the distributions differ, but which is better is not shown'
    return 'no difference is shown'


def _in_all(populations: Sequence[ReportedPopulation]) -> str:
    first, last = populations[0], populations[-1]
    text = f'In all, from {first.name} to {last.name}: {_change_of_size(first, last)}'
    change = last.edf.mean - first.edf.mean
    if math.isfinite(change):
        text += f', mean error {change:+.2f}{_points(populations)}'
    return f'{text}.'


def _restriction(before: ReportedPopulation, after: ReportedPopulation) -> str:
    """Return what the later space's description adds, in its own words: 'shared group width, '."""
    old, new = description_of(before), description_of(after)
    if old.get('type') != new.get('type'):
        return 'widths and depths from the quantized linear function, ' if 'w_0' in new else ''
    text = ''
    for name, value in new.items():
        if old.get(name) == value:
            continue
        words = name.replace('_', ' ')
        if value is True:
            text += f'{words}, '
        elif isinstance(value, str):
            text += f'{value} {words}, '
    return text
