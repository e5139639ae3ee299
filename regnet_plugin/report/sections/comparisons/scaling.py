"""Types of compound scaling side by side: one network's costs, and populations that were scaled.

See figures 2 and 3 of Dollar, Singh and Girshick, *Fast and Accurate Model Scaling*, CVPR 2021.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis.adjustment.estimates import Uncertainty
from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.core.compound_scaling import Network, ScalingType, scaled
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.drawing.plot import Cell, Plot
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import Family, scaling_plot
from regnet_plugin.report.populations import ReportedPopulation, error_label, unit_of
from regnet_plugin.report.units import units_of_errors

# What the paper compares, from one dimension alone to its fast compound scaling.
COMPARED_TYPES = ('d', 'w', 'r', 'dw', 'dr', 'wr', 'dwr', 'dWr')
_ERRORS = ('mean error', 'low', 'high')
_COLUMNS = ('population', 'type of scaling', 'factor', 'networks', *COUNTS, *_ERRORS)


def scaled_families(
    network: Network, resolution: int, num_classes: int, factor: float
) -> list[Family]:
    """Count one network, scaled by each type, in closed form; errors are not known.

    Args:
        network: as it is.
        resolution: side of the image that it is meant for.
        num_classes: of its classifier.
        factor: the largest one of flops; each octave up to it has a network.

    Returns:
        A family per type, for `scaling_plot`.

    Raises:
        ValueError: if the factor is not positive, or 1.
    """
    if factor == 1:
        raise ValueError('types of scaling differ for factors other than 1, but factor=1')
    kinds = {text: ScalingType.from_text(text) for text in COMPARED_TYPES}
    kinds['d'].factors(factor)  # raises where it is none
    octaves = max(1, round(abs(np.log2(factor))))
    factors = np.geomspace(1, factor, octaves + 1).tolist()
    families = []
    for text, kind in kinds.items():
        counts = [scaled(network, kind, one, resolution, num_classes).complexity for one in factors]
        columns = {name: np.array([getattr(one, name) for one in counts]) for name in COUNTS}
        unknown = np.full(len(factors), np.nan)
        families.append(Family(text, [f'times {one:g}' for one in factors], columns, unknown))
    return families


class _Scaled(NamedTuple):
    """A population whose networks were scaled from those of another one, or that one itself.

    Attributes:
        population: with the networks that count.
        of: name of the population that was scaled.
        kind: type of scaling; None of that one itself.
        factor: of flops, 1 of that one itself; None where networks were scaled to flops.
    """

    population: ReportedPopulation
    of: str
    kind: str | None
    factor: float | None


class _Course(NamedTuple):
    """What common networks have in the mean, in one population.

    Attributes:
        scaled: the population.
        networks: number of them.
        costs: means of the counts, by their names.
        errors: mean error, and the ends of its confidence interval.
    """

    scaled: _Scaled
    networks: int
    costs: Mapping[str, float]
    errors: tuple[float, float, float]


def scaling_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section; None where no population of the page was scaled and trained."""
    courses = [course for group in _groups(populations) for course in _courses(group)]
    if not any(course.scaled.kind for course in courses):
        return None
    text = (
        'Every network of a population was scaled by each type. All numbers are means over the '
        'networks that have an error in all populations scaled from the same one, and there, so '
        'that types differ by nothing else.'
    )
    plot = Sketch(_scaling_plot, 'scaled-networks', courses, error_label(populations))
    figure = Figure(plot, 'Types of compound scaling', 'Means of the same networks.', wide=True)
    table = Table(
        'scaled-means',
        'Scaled networks',
        _COLUMNS,
        [_row(course) for course in courses],
        'Means over common networks; the intervals are those of the mean error.',
        units=units_of_errors(_ERRORS, (), unit_of(populations)),
    )
    return Section('scaling', 'Compound scaling', [text], [figure, table])


def _groups(populations: Sequence[ReportedPopulation]) -> list[list[_Scaled]]:
    """Scaled populations with what they were scaled from, as far as that is on the page."""
    groups: dict[str, list[_Scaled]] = {}
    for population in populations:
        how: Mapping[str, Any] | None = population.records.space.get('scaled')
        if how is not None and population.trained:
            one = _Scaled(population, how['of'], how['type'], how.get('factor'))
            groups.setdefault(one.of, []).append(one)
    for population in populations:
        space = population.records.space
        name = space.get('name', population.name)
        if name in groups and 'scaled' not in space and population.trained:
            groups[name].insert(0, _Scaled(population, name, None, 1.0))
    return list(groups.values())


def _courses(group: Sequence[_Scaled]) -> list[_Course]:
    """Means of the networks that have errors in all populations of a group; none without such."""
    rated = [_rated(one.population) for one in group]
    common = set.intersection(*map(set, rated))
    if not common:
        return []
    courses = []
    for one, rows in zip(group, rated):
        chosen = np.array([row for name, row in rows.items() if name in common])
        population = one.population
        costs = {name: float(population.column(name)[chosen].mean()) for name in COUNTS}
        errors = _mean_error(population.errors[chosen], population.rules.level)
        courses.append(_Course(one, len(common), costs, errors))
    return courses


def _rated(population: ReportedPopulation) -> dict[str, int]:
    """Rows of the networks with an error, by their names."""
    rows = np.flatnonzero(np.isfinite(population.errors)).tolist()
    return {population.networks[row]: row for row in rows}


def _mean_error(errors: NDArray[np.float64], level: float) -> tuple[float, float, float]:
    """Mean, and both ends of its interval; NaN of a single network."""
    mean = float(errors.mean())
    return mean, *Uncertainty.of_mean(errors).interval(mean, level)


def _scaling_plot(key: str, courses: Sequence[_Course], label: str) -> Plot:
    """Draw a line per type, from the networks as they were."""
    several = len({course.scaled.of for course in courses}) > 1
    families = []
    for base in dict.fromkeys(course.scaled.of for course in courses):
        group = [course for course in courses if course.scaled.of == base]
        unscaled = [course for course in group if course.scaled.kind is None]
        for kind in dict.fromkeys(course.scaled.kind for course in group):
            if kind is not None:
                its = [course for course in group if course.scaled.kind == kind]
                name = f'{base} · {kind}' if several else kind
                families.append(_family(name, [*unscaled, *its]))
    return scaling_plot(key, families, label)


def _family(name: str, courses: Sequence[_Course]) -> Family:
    return Family(
        name,
        [course.scaled.population.name for course in courses],
        {count: np.array([course.costs[count] for course in courses]) for count in COUNTS},
        np.array([course.errors[0] for course in courses]),
    )


def _row(course: _Course) -> tuple[Cell, ...]:
    one = course.scaled
    costs = [course.costs[name] for name in COUNTS]
    return (
        one.population.name,
        one.kind or 'none',
        one.factor,
        course.networks,
        *costs,
        *course.errors,
    )
