"""What the best networks cost, and how their parameters change with flops (figures 11 and 12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.analysis import (
    Fit,
    Trend,
    compare_predictors,
    fit_activations,
    fit_latency,
    fit_parameters,
    trend,
)
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.drawing.plot import Column
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import complexity_plot, latency_plot, trend_plot
from regnet_plugin.report.figures.marks import note_of_part
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.populations import ReportedPopulation, looks_of
from regnet_plugin.report.sections.parameters import (
    FEWEST_FOR_RANGES,
    OF_NETWORKS,
    parameters_of,
)
from regnet_plugin.report.sections.spaces import family_of
from regnet_plugin.report.wording import listed

# Largest flops by least, from which on a fit to flops says something: less is one flop regime.
_RANGE = 1.5
# Median flops of a regime by those of the one before, at least; those of the paper are twice.
_NEXT_REGIME = 1.2
_FITS = dict(activations=fit_activations, parameters=fit_parameters, latency=fit_latency)
_TIMES = dict(latency='Latency', training_step='Time of a training step')


@dataclass(frozen=True)
class _Part:
    """A figure of the section, and the sentences on it."""

    figure: Figure
    sentences: Sequence[str]


def complexity_section(populations: Sequence[ReportedPopulation]) -> Section | None:
    """Make the section; None where the networks tell nothing about it."""
    if not any(population.trained for population in populations):
        return None
    looks = looks_of(populations)
    found = [_fits(populations, looks), *_times(populations, looks), _trends(populations)]
    parts = [part for part in found if part is not None]
    if not parts:
        return None
    text = [sentence for part in parts for sentence in part.sentences]
    return Section('cost', 'Complexity', text, [part.figure for part in parts])


def _fits(populations: Sequence[ReportedPopulation], looks: Mapping[str, int]) -> _Part | None:
    """Fit curves to the complexity of the best networks against flops, of all populations together.

    Against another cost there are points without curves: the paper names no forms. None if their
    costs hardly differ, or nothing is known that could be drawn.
    """
    cost = populations[0].rules.cost
    flops = _of_the_best(populations, cost)
    known = flops[flops > 0]
    if len(known) == 0 or known.max() < _RANGE * known.min():
        return None
    fits: dict[str, Fit | None] = {}
    for name, fit in _FITS.items():
        values = _of_the_best(populations, name)
        if not np.isfinite(values).any():
            continue
        if name == 'latency' and len(_devices_with_latency(populations)) != 1:
            continue  # times of several devices have no common fit
        fits[name] = fit(flops, values) if cost == 'flops' else None
    if not fits:
        return None
    if cost != 'flops':
        fits['flops'] = None
    best = {
        population.name: _columns(population, population.best, ('flops', cost, *_FITS))
        for population in populations
    }
    caption = 'The networks on which the empirical bootstrap of each population rests'
    if cost == 'flops':
        caption += ', and least-squares fits of the forms that the paper names'
    figure = Figure(
        Sketch(complexity_plot, 'complexity', best, fits, looks, cost),
        'Complexity of the best networks',
        f'{caption}.',
    )
    return _Part(figure, [f'{fit.text}.' for fit in fits.values() if fit is not None])


def _of_the_best(populations: Sequence[ReportedPopulation], name: str) -> NDArray[np.float64]:
    """Return a column of the best networks of all populations, one population after the other."""
    columns = [population.column(name)[population.best] for population in populations]
    return np.concatenate(columns) if columns else np.array([])


def _devices_with_latency(populations: Sequence[ReportedPopulation]) -> set[str]:
    return {
        population.records.device
        for population in populations
        if np.isfinite(population.column('latency')).any()
    }


def _columns(
    population: ReportedPopulation, chosen: NDArray[np.int_], names: Iterable[str]
) -> dict[str, Column]:
    """Return names and columns of some networks of a population, as figures take them."""
    columns: dict[str, Column] = dict(network=[population.networks[index] for index in chosen])
    for name in names:
        columns[name] = population.column(name)[chosen]
    return columns


def _times(
    populations: Sequence[ReportedPopulation], looks: Mapping[str, int]
) -> list[_Part | None]:
    """Set each time that was measured on each device against flops and activations."""
    parts = []
    devices = list(dict.fromkeys(population.records.device for population in populations))
    for number, device in enumerate(devices, 1):
        there = [one for one in populations if one.records.device == device]
        for column in _TIMES:
            key = column.replace('_', '-')
            if number > 1:
                key = f'{key}-{number}'
            parts.append(_time(there, column, key, looks))
    return parts


def _time(
    populations: Sequence[ReportedPopulation], column: str, key: str, looks: Mapping[str, int]
) -> _Part | None:
    """Compare flops and activations as predictors of a time; None where it was not measured.

    Args:
        populations: measured on the same device.
        column: 'latency' or 'training_step'.
        key: of the figure.
        looks: number of each population on the page.
    """
    timed = [population for population in populations if _is_timed(population, column)]
    if not timed:
        return None
    flops, activations, times = (
        np.concatenate([population.column(name) for population in timed])
        for name in ('flops', 'activations', column)
    )
    compared = compare_predictors(flops, activations, times, 1 - timed[0].rules.level)
    columns = {
        population.name: _columns(
            population, np.arange(population.n), ('flops', 'activations', column)
        )
        for population in timed
    }
    what, device = _TIMES[column], timed[0].records.device
    part = note_of_part(*(population.n for population in timed))
    figure = Figure(
        Sketch(latency_plot, key, columns, compared, column, looks),
        f'{what} against flops and activations',
        f'Measured on {device}. {part}'.strip() if device else part,
    )
    where = f' ({device})' if device else ''
    return _Part(figure, [f'{what}{where}: {compared.text}.'])


def _is_timed(population: ReportedPopulation, column: str) -> bool:
    """Return whether some network has flops, activations and the time."""
    needed = [population.column(name) for name in ('flops', 'activations', column)]
    return bool(np.isfinite(needed).all(axis=0).any())


def _trends(populations: Sequence[ReportedPopulation]) -> _Part | None:
    """Find ranges of the parameters over regimes of flops.

    None unless a design space has populations in several regimes, with parameters that vary in all
    of them.
    """
    families = _families_in_regimes(populations)
    names = _shared_parameters([one for family in families.values() for one in family])
    if not names:
        return None
    level = populations[0].rules.level
    trends = {
        name: {space: _trend(family, name, level) for space, family in families.items()}
        for name in names
    }
    figure = Figure(
        Sketch(trend_plot, 'trends', trends, populations[0].rules.cost),
        'Trends across flop regimes',
        'Most likely best value of each parameter and the range of the best networks, per '
        'population.',
    )
    return _Part(figure, _trend_sentences(families, names, level))


def _families_in_regimes(
    populations: Sequence[ReportedPopulation],
) -> dict[str, list[ReportedPopulation]]:
    """Return the populations of each design space by rising flops, if they are of several regimes.

    Populations of too few networks are left out: their ranges would say nothing.
    """
    large = [population for population in populations if population.n >= FEWEST_FOR_RANGES]
    families: dict[str, list[ReportedPopulation]] = {}
    for population in sorted(large, key=_median_cost):
        families.setdefault(family_of(population), []).append(population)
    return {name: family for name, family in families.items() if _are_regimes(family)}


def _are_regimes(family: Sequence[ReportedPopulation]) -> bool:
    """Return whether populations, by rising flops, are several, and apart from each other."""
    flops = [_median_cost(population) for population in family]
    return len(flops) > 1 and all(
        after >= _NEXT_REGIME * before for before, after in pairwise(flops)
    )


def _median_cost(population: ReportedPopulation) -> float:
    costs = population.column(population.rules.cost)
    return float(np.nanmedian(costs)) if np.isfinite(costs).any() else float('nan')


def _shared_parameters(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return the parameters that vary in every population; none without populations.

    Those of whole networks come alone where there are some: those of the stages follow from them,
    and figure 11 has no others.
    """
    if not populations:
        return []
    shared = set(parameters_of(populations[0]))
    for population in populations[1:]:
        shared &= set(parameters_of(population))
    names = [name for name in parameters_of(populations[0]) if name in shared]
    of_networks = [name for name in names if name in OF_NETWORKS]
    return of_networks or names


def _trend(family: Sequence[ReportedPopulation], name: str, level: float) -> Trend:
    return trend(
        [_median_cost(population) for population in family],
        [population.column(name) for population in family],
        [population.errors for population in family],
        level,
    )


def _trend_sentences(
    families: Mapping[str, Sequence[ReportedPopulation]], names: Sequence[str], level: float
) -> list[str]:
    """Say which parameters grow or fall with flops.

    All intervals hold together with the confidence ``level``: each is widened for the number of
    intervals (Bonferroni).
    """
    number = len(names) * len(families)
    (cost, *_) = {label_of(one.rules.cost) for family in families.values() for one in family}
    corrected_level = 1 - (1 - level) / number
    sentences = []
    for space, family in families.items():
        without_trend = []
        for name in names:
            label, found = label_of(name), _trend(family, name, corrected_level)
            if found.low > 0 or found.high < 0:
                sentences.append(f'{space}: {found.text(label, cost)}.')
            else:
                without_trend.append(label)
        if without_trend:
            sentences.append(f'{space}: no trend with {cost} is shown for {listed(without_trend)}.')
    sentences.append(f'Intervals of trends are corrected for their number, {number} (Bonferroni).')
    return sentences
