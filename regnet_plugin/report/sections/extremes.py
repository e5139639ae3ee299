"""Best and worst networks of each population (figure 6)."""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import RatedNetwork, networks_plot
from regnet_plugin.report.populations import ReportedPopulation, drawn_alone

_EACH = 3  # best networks, and worst ones, as in figure 6


def extremes_section(
    populations: Sequence[ReportedPopulation], keys: Sequence[str], brief: bool
) -> Section | None:
    """Make the section.

    Args:
        populations: in the order of the page.
        keys: of each population, for the keys of its figures.
        brief: only the best population is drawn.

    Returns:
        None where no network's stages are known.
    """
    key_of = {population.name: key for population, key in zip(populations, keys)}
    drawable = [one for one in populations if _first_known(one, one.order)]
    if not drawable:
        return None
    best, others = drawn_alone(drawable, brief)
    items: list[Figure | Table | Fold] = [_figure(best, key_of[best.name])]
    if others:
        figures = [_figure(one, key_of[one.name]) for one in others]
        items.append(Fold('Networks of the other populations', figures))
    return Section('extremes', 'Best and worst networks', ['The width of each block.'], items)


def _figure(population: ReportedPopulation, key: str) -> Figure:
    best = _first_known(population, population.order)
    worst = _first_known(population, population.order[::-1])
    worst = [index for index in worst if index not in best]
    plot = Sketch(
        networks_plot,
        f'networks-{key}',
        population.name,
        _rated(population, best),
        _rated(population, worst),
    )
    title = f'{population.name}: best and worst networks'
    return Figure(plot, title, 'The best first, then the worst.')


def _first_known(population: ReportedPopulation, order: NDArray[np.intp]) -> list[int]:
    """Return the first networks, in some order, whose backbones are known."""
    known = (index for index in order if population.backbones[index] is not None)
    return list(islice(known, _EACH))


def _rated(population: ReportedPopulation, chosen: Sequence[int]) -> list[RatedNetwork]:
    """Return networks with their errors, those whose backbones are known."""
    rated = []
    for index in chosen:
        name, backbone = population.networks[index], population.backbones[index]
        if backbone is not None:
            error = float(population.errors[index])
            rated.append(RatedNetwork(name, backbone, error, population.records.unit))
    return rated
