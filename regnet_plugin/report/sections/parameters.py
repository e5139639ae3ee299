"""What makes a network good: error against each parameter, with the empirical bootstrap.

Figures 2, 5 and 21.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

from regnet_plugin.analysis import Bootstrap, Explained, empirical_bootstraps, explained
from regnet_plugin.analysis.comparison import CORRECTION, holm
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.columns import COUNTS, DRAW, PREDICTIONS, TIMES
from regnet_plugin.report.document import Figure, Fold, Section, Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import ParameterPanel, parameter_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.keys import keys_of
from regnet_plugin.report.populations import ReportedPopulation, error_label
from regnet_plugin.report.wording import listed, spread

OF_NETWORKS = ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')
_OF_STAGES = ('d', 'w', 'b', 'g')
_OF_RECIPES = ('lr', 'weight_decay', 'lr_weight_decay', 'resolution')
# Networks, from which on an empirical bootstrap rests on half of them at most: of n networks it
# draws n / 4 and rests on a share of 1 - 0.05^(1 / draws), which is 1/2 or less from 5 draws on.
FEWEST_FOR_RANGES = 20
_FIGURES_IF_BRIEF = 3  # parameters with a figure
_MOST_MATTERING = 6  # parameters that are not folded away
_NOTHING = 0.005  # share of the variance that is written as 0%
# Figures at most: four per stage of a network of ten stages, those of the network and the recipe.
_PANELS = 48
# Bottleneck ratios of stages. Where the network has a shared one they say nothing more: the
# group-width rule, which changes widths and groups, leaves them as they are.
_RATIO_OF_STAGE = re.compile('b_[1-9]')
_NO_PARAMETERS = {*COUNTS, *TIMES, *PREDICTIONS, DRAW, 'seconds'}


def parameters_of(population: ReportedPopulation) -> list[str]:
    """Return the names of the columns that were drawn, and differ between networks.

    Those of the network come first, then those of its stages, those of the recipe, and others.
    """
    columns = population.records.columns
    known = []
    for name in columns:
        is_shared_ratio = 'b' in columns and _RATIO_OF_STAGE.match(name)
        if name not in _NO_PARAMETERS and not is_shared_ratio and population.varies(name):
            known.append(name)
    of_stages = [f'{letter}_{number}' for letter in _OF_STAGES for number in range(1, 10)]
    order = [*OF_NETWORKS, *of_stages, *_OF_RECIPES]
    rank = {name: place for place, name in enumerate(order)}
    return sorted(known, key=lambda name: rank.get(name, len(order)))


def bootstraps_of(population: ReportedPopulation) -> dict[str, Bootstrap]:
    """Return the empirical bootstrap of each of `parameters_of`, as `without_unsure_range`."""
    columns = {name: population.column(name) for name in parameters_of(population)}
    found = empirical_bootstraps(columns, population.errors, population.rules.level)
    return {name: without_unsure_range(bootstrap) for name, bootstrap in found.items()}


def without_unsure_range(bootstrap: Bootstrap) -> Bootstrap:
    """Return a bootstrap without its range (NaN) where it rests on too few networks.

    Of fewer than `FEWEST_FOR_RANGES` the range would be one of the worse networks, too.
    """
    if bootstrap.n >= FEWEST_FOR_RANGES:
        return bootstrap
    nan = float('nan')
    return replace(bootstrap, low=nan, median=nan, high=nan)


def parameters_section(populations: Sequence[ReportedPopulation], brief: bool) -> Section | None:
    """Make the section: a figure per parameter, those that matter first, and a table of all ranges.

    Args:
        populations: in the order of the page.
        brief: there are figures of a few parameters only.

    Returns:
        None where no parameter is known that differs between networks.
    """
    ranges = {population.name: bootstraps_of(population) for population in populations}
    names = list(dict.fromkeys(name for found in ranges.values() for name in found))
    if not names:
        return None
    told = {name: _explained(name, populations, ranges) for name in names}
    mattering = _mattering(told, level=1 - populations[0].rules.level)
    label = error_label(populations)
    figures = {}
    key_of = dict(zip(names, keys_of(names)))
    for number, name in enumerate([*mattering, *(one for one in names if one not in mattering)]):
        if brief and number >= _FIGURES_IF_BRIEF:
            break
        panels = {
            one.name: _panel(one, name, ranges[one.name][name], told[name][one.name])
            for one in populations
            if name in ranges[one.name]
        }
        plot = Sketch(parameter_plot, f'parameter-{key_of[name]}', name, panels, label)
        figures[name] = Figure(plot, label_of(name), _caption(name, told))
    items: list[Figure | Table | Fold] = [figures[name] for name in mattering if name in figures]
    others = [figure for name, figure in figures.items() if name not in mattering]
    if others:
        what = counted(len(others), 'other parameter' if mattering else 'parameter')
        items.append(Fold(f'Error against {what}', others[:_PANELS]))
    items.append(Fold('Table of the values of the best networks', [_table(ranges, names)]))
    text = [_what_matters(mattering, told), _explanation(ranges, populations[0].rules.level)]
    return Section('values', 'What makes a network good', text, items)


def _explained(
    name: str,
    populations: Sequence[ReportedPopulation],
    ranges: Mapping[str, Mapping[str, Bootstrap]],
) -> dict[str, Explained]:
    """Return what a parameter explains in each population in which it differs."""
    return {
        population.name: explained(population.column(name), population.errors)
        for population in populations
        if name in ranges[population.name]
    }


def _mattering(told: Mapping[str, Mapping[str, Explained]], level: float) -> list[str]:
    """Return the parameters that are shown to matter in some population, the most telling first.

    Of all parameters in all populations together at most a share ``level`` of pages shows one
    where none matters (Holm's correction).
    """
    every = [(name, one) for name, found in told.items() for one in found.values()]
    corrected = holm([one.p_value for _, one in every])
    shares: dict[str, float] = {}
    for (name, one), p_value in zip(every, corrected):
        if p_value < level:
            shares[name] = max(one.share, shares.get(name, 0.0))
    best_first = sorted(shares, key=lambda name: -shares[name])
    return best_first[:_MOST_MATTERING]


def _panel(
    population: ReportedPopulation, name: str, bootstrap: Bootstrap, one: Explained
) -> ParameterPanel:
    return ParameterPanel(
        population.look,
        population.column(name),
        population.errors,
        population.networks,
        bootstrap,
        one.bins,
    )


def _caption(name: str, told: Mapping[str, Mapping[str, Explained]]) -> str:
    """Say how much of the errors a parameter explains, where that is more than nothing."""
    shares = [one.share for one in told[name].values() if isfinite(one.share)]
    least, most = min(shares, default=0.0), max(shares, default=0.0)
    if most < _NOTHING:
        return 'Explains nothing that is seen.'
    if len(shares) == 1:
        return f'Explains {most:.0%} of the variance of the ranks.'
    return f'Explains {max(0.0, least):.0%} to {most:.0%} of the variance of the ranks.'


def _what_matters(mattering: Sequence[str], told: Mapping[str, Mapping[str, Explained]]) -> str:
    """Say which parameters matter, and how that was found."""
    tests = sum(len(found) for found in told.values())
    how = (
        f"Kruskal and Wallis's test between bins of the values, level 0.05 for all {tests} tests "
        f"together, {CORRECTION}'s correction"
    )
    if not mattering:
        return f'No parameter is shown to matter ({how}).'
    most = ', the most telling ones first' if len(mattering) > 1 else ''
    return (
        f'Shown to matter{most}: {listed(label_of(name) for name in mattering)} ({how}). A box '
        'holds the middle half of the errors of networks with such values, the line in it is their '
        'median; a point is a network.'
    )


def _table(ranges: Mapping[str, Mapping[str, Bootstrap]], names: Sequence[str]) -> Table:
    """Make the table of the ranges, which are given by population and parameter."""
    rows: list[list[Cell]] = []
    for name in names:
        row: list[Cell] = [label_of(name)]
        for found in ranges.values():
            row.append(spread(found[name]) if name in found else None)
        rows.append(row)
    return Table(
        'parameters',
        'Values of the best networks',
        ('parameter', *ranges),
        rows,
        'Most likely best value, and the range that holds the best networks.',
    )


def _explanation(ranges: Mapping[str, Mapping[str, Bootstrap]], level: float) -> str:
    """Say what the ranges mean, and how many networks they rest on."""
    bootstraps = [one for found in ranges.values() for one in found.values()]
    resting_on = {one.networks for one in bootstraps if one.n >= FEWEST_FOR_RANGES}
    if not resting_on:
        return (
            f'No population has the {FEWEST_FOR_RANGES} networks from which on an empirical '
            'bootstrap tells which values the best ones have: with fewer it rests on most of them.'
        )
    fewest, most = min(resting_on), max(resting_on)
    number = f'{fewest}' if fewest == most else f'{fewest} to {most}'
    text = (
        'Empirical bootstrap (footnote 4): a quarter of the networks is drawn with replacement and '
        f'the value of the best one kept; the band holds {level:.0%} of these values, the line is '
        f'their median, both in closed form. It is about the {number} best networks of a '
        'population, and ignores the noise of training.'
    )
    if any(one.n < FEWEST_FOR_RANGES for one in bootstraps):
        text += (
            f' With fewer than {FEWEST_FOR_RANGES} networks it would be about most of them, and is '
            'left out.'
        )
    return text
