"""What is known of networks that are not trained yet, beside the means of those that are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from regnet_plugin.analysis import Estimate, PairComparison, adjusted_difference
from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Figure, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.drawing.style import SERIES
from regnet_plugin.report.figures import edf_plot
from regnet_plugin.report.populations import ReportedPopulation, error_label, unit_of
from regnet_plugin.report.units import units_of_errors
from regnet_plugin.report.wording import error_text

MOST_BANDS = 3  # of more populations the bands hide each other
# Columns behind those that a table has anyway.
_COLUMNS = ('adjusted', 'adjusted low', 'adjusted high')
_CAPTION = (
    ' Adjusted: also by what is known of the networks that are not trained, with its confidence '
    'interval.'
)


def adjustments(populations: Iterable[ReportedPopulation]) -> list[str]:
    """Say what the adjusted mean of each partly trained population is, or why there is none.

    Args:
        populations: with an error each.

    Returns:
        Sentences; none on populations that are finished, or that are no random part of themselves.
    """
    return [_sentence(population) for population in populations if population.is_random_part]


def _sentence(population: ReportedPopulation) -> str:
    adjusted, unit = population.adjusted, population.records.unit
    others = f'what is known of the {counted(population.untrained, "network")} not trained'
    if adjusted.off is not None:
        return f'The mean error of {population.name} is not adjusted by {others}: {adjusted.off}.'
    return (
        f'Mean error of {population.name}, adjusted by {others}: '
        f'{_text(adjusted.of_space, unit)}; of the others alone: {_text(adjusted.plain, unit)} '
        f'({population.rules.level:.0%} intervals). What is known of networks explains '
        f'{adjusted.explained:.0%} of the variance of their errors.'
    )


def _text(estimate: Estimate, unit: str) -> str:
    """Write a mean with its interval: '17.73% (15.74% to 20.40%)'."""
    low, high = error_text(estimate.low, unit), error_text(estimate.high, unit)
    return f'{error_text(estimate.value, unit)} ({low} to {high})'


def with_adjusted_means(table: Table, populations: Sequence[ReportedPopulation]) -> Table:
    """Give a table of populations columns of their adjusted means, where there is one.

    Args:
        table: with a row for each of the populations.
        populations: in the order of the rows.
    """
    estimates = []
    for population in populations:
        adjusted = population.adjusted
        estimates.append(adjusted.of_space if adjusted.off is None else None)
    unit = unit_of(populations)
    return _with_estimates(table, estimates, units_of_errors(_COLUMNS, unit=unit))


def with_adjusted_differences(
    table: Table, pairs: Sequence[PairComparison], populations: Iterable[ReportedPopulation]
) -> Table:
    """Give a table of pairs columns of their adjusted differences, where there is one.

    Args:
        table: with a row for each of the pairs, the last ones of its rows.
        pairs: in the order of the rows.
        populations: that the pairs are of.
    """
    by_name = {population.name: population for population in populations}
    estimates: list[Estimate | None] = [None] * (len(table.rows) - len(pairs))
    for pair in pairs:
        first, second = by_name[pair.first].adjusted, by_name[pair.second].adjusted
        is_adjusted = first.off is None or second.off is None
        difference = adjusted_difference(first, second, 1 - pair.level)
        estimates.append(difference if is_adjusted else None)
    unit = unit_of(by_name.values())
    return _with_estimates(table, estimates, units_of_errors((), _COLUMNS, unit))


def adjusted_edf_figures(populations: Sequence[ReportedPopulation]) -> list[Figure]:
    """Make a figure of the EDFs of partly trained populations beside the adjusted ones.

    Args:
        populations: of which the finished ones are left out.

    Returns:
        The figure, or none where no EDF is adjusted.
    """
    edfs, bands, looks = {}, {}, {}
    for population in populations:
        if population.is_random_part and population.adjusted_edf.off is None:
            name = f'{population.name}, adjusted'
            edfs[population.name] = population.edf
            edfs[name] = population.adjusted_edf.edf
            # two curves of one population: in one colour, with different dashes
            looks[population.name], looks[name] = population.look, population.look + len(SERIES)
            bands[name] = population.adjusted_edf.band
    if not edfs:
        return []
    if len(bands) > MOST_BANDS:
        bands = {}
    caption = (
        'Share of the networks with less error: of those that are trained, and adjusted by what is '
        'known of the others.'
    )
    if bands:
        caption += (
            f' Bands of the adjusted ones hold with {populations[0].rules.level:.0%} confidence.'
        )
    plot = Sketch(edf_plot, 'edf-adjusted', edfs, bands, {}, error_label(populations), looks=looks)
    return [Figure(plot, 'Error distributions, adjusted', caption)]


def _with_estimates(
    table: Table, estimates: Sequence[Estimate | None], units: Mapping[str, str]
) -> Table:
    """Give a table columns of estimates in some units; the table itself if there is none."""
    if not any(estimates):
        return table
    rows = [(*row, *_cells(estimate)) for row, estimate in zip(table.rows, estimates)]
    return replace(
        table,
        columns=(*table.columns, *_COLUMNS),
        rows=rows,
        caption=table.caption + _CAPTION,
        units={**table.units, **units},
    )


def _cells(estimate: Estimate | None) -> tuple[Cell, ...]:
    if estimate is None:
        return (None,) * len(_COLUMNS)
    return estimate.value, estimate.low, estimate.high
