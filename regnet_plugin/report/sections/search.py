"""How many random networks find a good one (figure 9, right)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import best_of, draws_needed
from regnet_plugin.cli.wording import counted
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import search_plot
from regnet_plugin.report.populations import ReportedPopulation, error_label
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import error_text

_NEAR = 0.1  # of the way from the minimum to the mean; the sentence says it


def search_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section; None where no network counts."""
    populations = [population for population in populations if population.n]
    if not populations:
        return None
    found = {one.name: best_of(one.errors, _powers_of_two(one.n)) for one in populations}
    figure = Figure(
        Sketch(search_plot, 'search', found, error_label(populations)),
        'Error of the best of m random networks',
        'Expected best error and one standard deviation to either side, in closed form (2019 '
        'paper); networks are drawn with replacement.',
    )
    text = [_sentence(population) for population in populations]
    return Section('random-search', 'Random search', text, [figure])


def _powers_of_two(n: int) -> NDArray[np.int_]:
    """Return 1, 2, 4, … up to n, and n."""
    powers = 2 ** np.arange(int(np.log2(n)) + 1)
    draws: NDArray[np.int_] = np.unique(np.append(powers, n))
    return draws


def _sentence(population: ReportedPopulation) -> str:
    """Say how many random networks come near the best error."""
    unit = population.records.unit
    minimum = error_text(population.edf.minimum, unit)
    tolerance = _NEAR * (population.edf.mean - population.edf.minimum)
    needed = None
    if np.isfinite(tolerance) and tolerance > 0:
        needed = draws_needed(population.errors, tolerance)
    if needed is None:
        return f'{population.name}: the best of its networks has {minimum}.'
    near = f'{tolerance:.2g} points' if unit else f'{tolerance:.2g}'
    return (
        f'{population.name}: {counted(needed, "random network")} are expected to come within '
        f'{near} of the best error, {minimum} (a tenth of the way from minimum to mean).'
    )
