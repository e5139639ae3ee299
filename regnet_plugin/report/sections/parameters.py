"""Which values the best networks have: error against every parameter, with the empirical bootstrap.

Figures 2, 5 and 21.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from regnet_plugin.analysis import Bootstrap, empirical_bootstraps
from regnet_plugin.population.columns import COUNTS, DRAW, TIMES
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.figures import parameter_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.plot import Cell
from regnet_plugin.report.populations import ReportedPopulation, error_label
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import spread

OF_NETWORKS = ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')
_OF_STAGES = ('d', 'w', 'b', 'g')
_OF_RECIPES = ('lr', 'weight_decay', 'lr_weight_decay', 'resolution')
# Networks, from which on an empirical bootstrap rests on half of them at most: of n networks it
# draws n / 4 and rests on a share of 1 - 0.05^(1 / draws), which is 1/2 or less from 5 draws on.
FEWEST_FOR_RANGES = 20
_PANELS_IF_BRIEF = 3  # a row
# Panels at most: four per stage of a network of ten stages, and those of the network and the recipe
_PANELS = 48
# Bottleneck ratios of stages. Where the network has a shared one they say nothing more: the
# group-width rule, which changes widths and groups, leaves them as they are.
_RATIO_OF_STAGE = re.compile('b_[1-9]')
_NO_PARAMETERS = {*COUNTS, *TIMES, DRAW, 'seconds'}


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


def parameters_section(
    populations: Sequence[ReportedPopulation], keys: Sequence[str], brief: bool
) -> Section | None:
    """Make the section: a figure per population, and a table of all ranges.

    Args:
        populations: in the order of the page.
        keys: of each population, for the keys of its figures.
        brief: figures have the first parameters only.

    Returns:
        None where no parameter is known that differs between networks.
    """
    ranges = {population.name: bootstraps_of(population) for population in populations}
    names = list(dict.fromkeys(name for found in ranges.values() for name in found))
    if not names:
        return None
    label, most = error_label(populations), _PANELS_IF_BRIEF if brief else _PANELS
    items: list[Figure | Table] = []
    for population, key in zip(populations, keys):
        found = ranges[population.name]
        if not found:
            continue
        shown = list(found)[:most]
        plot = Sketch(
            parameter_plot,
            f'parameters-{key}',
            population.name,
            {name: population.column(name) for name in shown},
            population.errors,
            found,
            population.networks,
            label,
        )
        caption = 'Each point is a network.'
        if len(shown) < len(found) and not brief:
            caption += f' The first {len(shown)} of {len(found)} parameters; the table has all.'
        title = f'{population.name}: error against each parameter'
        items.append(Figure(plot, title, caption))
    items.append(_table(ranges, names))
    text = [_explanation(ranges, populations[0].rules.level)]
    return Section('values', 'Values of the best networks', text, items)


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
        ('', *ranges),
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
