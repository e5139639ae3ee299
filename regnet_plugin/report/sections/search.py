"""How many random networks find a good one (figure 9, right)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import best_of, draws_needed
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import search_plot
from regnet_plugin.report.populations import ReportedPopulation, error_label, looks_of, unit_of
from regnet_plugin.report.units import units_of_errors

_NEAR = 0.1  # of the way from the minimum to the mean; the table says it


def search_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section; None where no network counts."""
    looks = looks_of(populations)
    populations = [population for population in populations if population.n]
    if not populations:
        return None
    found = {one.name: best_of(one.errors, _powers_of_two(one.n)) for one in populations}
    figure = Figure(
        Sketch(search_plot, 'search', found, error_label(populations), looks),
        'Error of the best of m random networks',
        'Expected best error and one standard deviation to either side, in closed form (2019 '
        'paper); networks are drawn with replacement.',
    )
    table = Table(
        'search-sizes',
        'Random networks that come near the best one',
        ('population', 'best error', 'within', 'networks'),
        [_row(population) for population in populations],
        'Networks of which the best is expected to come as near to the best error as that: a tenth '
        'of the way from the minimum to the mean.',
        units=units_of_errors(['best error'], ['within'], unit_of(populations)),
    )
    return Section('random-search', 'Random search', [], [figure, table])


def _powers_of_two(n: int) -> NDArray[np.int_]:
    """Return 1, 2, 4, … up to n, and n."""
    powers = 2 ** np.arange(int(np.log2(n)) + 1)
    draws: NDArray[np.int_] = np.unique(np.append(powers, n))
    return draws


def _row(population: ReportedPopulation) -> tuple[Cell, ...]:
    """How many random networks come near the best error."""
    tolerance = _NEAR * (population.edf.mean - population.edf.minimum)
    if not np.isfinite(tolerance) or tolerance <= 0:
        return population.name, population.edf.minimum, None, None
    needed = draws_needed(population.errors, tolerance)
    return population.name, population.edf.minimum, tolerance, needed
