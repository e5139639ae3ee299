"""Which values the best networks have: error against every parameter, with the empirical bootstrap
(figures 2, 5, 21).
"""

import re
from dataclasses import replace

from regnet_plugin.analysis import empirical_bootstraps
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.figures import parameter_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.populations import error_label
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import spread

OF_NETWORKS = ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')
_OF_STAGES = ('d', 'w', 'b', 'g')
_OF_RECIPES = ('lr', 'weight_decay', 'lr_weight_decay', 'resolution')
# networks, from which on an empirical bootstrap rests on half of them at most: 1 - 0.05^(1 / draws)
# <= 1/2
FEWEST = 20
_BRIEF = 3  # panels, a row
# at most; four per stage of a network of ten stages, and those of the network and the recipe
_PANELS = 48
# the group-width rule, which changes widths and groups, leaves them as they are
_SHARED = re.compile('b_[1-9]')
_NO_PARAMETERS = {'flops', 'parameters', 'activations', 'seconds', 'latency', 'training_step'}


def parameters_of(entry):
    """Names of the columns that were drawn, and differ between networks: of the network, of its
    stages, of the recipe.
    """
    columns = entry.records.columns
    known = [
        name
        for name in columns
        if name not in _NO_PARAMETERS
        and entry.varies(name)
        and not (_SHARED.match(name) and 'b' in columns)
    ]
    stages = [f'{letter}_{number}' for letter in _OF_STAGES for number in range(1, 10)]
    ranks = {name: rank for rank, name in enumerate((*OF_NETWORKS, *stages, *_OF_RECIPES))}
    return sorted(known, key=lambda name: ranks.get(name, len(ranks)))


def bootstraps_of(entry):
    """The empirical bootstrap of each of these, see `told`."""
    columns = {name: entry.column(name) for name in parameters_of(entry)}
    found = empirical_bootstraps(columns, entry.errors, entry.rules.level)
    return {name: told(bootstrap) for name, bootstrap in found.items()}


def told(bootstrap):
    """A bootstrap as it is told: without its range where the networks are too few, of which it
    would be one of the worse ones, too.
    """
    unknown = dict(low=float('nan'), median=float('nan'), high=float('nan'))
    return bootstrap if bootstrap.n >= FEWEST else replace(bootstrap, **unknown)


def parameters(entries, keys, brief):
    """The section: a figure per population, of its first parameters if it is to be brief, and a
    table of all ranges.
    """
    items, found = [], {}
    for entry, key in zip(entries, keys):
        ranges = found[entry.name] = bootstraps_of(entry)
        if ranges:
            columns = {
                name: entry.column(name) for name in list(ranges)[: _BRIEF if brief else _PANELS]
            }
            plot = Sketch(
                parameter_plot,
                f'parameters-{key}',
                entry.name,
                columns,
                entry.errors,
                ranges,
                entry.networks,
                error_label(entries),
            )
            items.append(
                Figure(
                    plot,
                    f'{entry.name}: error against each parameter',
                    'Each point is a network.'
                    + ('' if brief else _remark(len(columns), len(ranges))),
                )
            )
    names = sorted({name for ranges in found.values() for name in ranges}, key=_first_place(found))
    rows = [
        (
            label_of(name),
            *(
                spread(found[entry.name][name]) if name in found[entry.name] else None
                for entry in entries
            ),
        )
        for name in names
    ]
    items.append(
        Table(
            'parameters',
            'Values of the best networks',
            ('', *(entry.name for entry in entries)),
            rows,
            'Most likely best value, and the range that holds the best networks.',
        )
    )
    return (
        Section('values', 'Values of the best networks', [_explanation(found, entries)], items)
        if names
        else None
    )


def _remark(drawn, known):
    return '' if drawn == known else f' The first {drawn} of {known} parameters; the table has all.'


def _first_place(found):
    places = {}
    for ranges in found.values():
        for name in ranges:
            places.setdefault(name, len(places))
    return places.get


def _explanation(found, entries):
    resting = {
        one.networks for ranges in found.values() for one in ranges.values() if one.n >= FEWEST
    }
    few = any(one.n < FEWEST for ranges in found.values() for one in ranges.values())
    if not resting:
        return (
            f'No population has the {FEWEST} networks from which on an empirical bootstrap tells '
            'which values the best '
            'ones have: with fewer it rests on most of them.'
        )
    number = f'{min(resting)}' if len(resting) == 1 else f'{min(resting)} to {max(resting)}'
    return (
        'Empirical bootstrap (footnote 4): a quarter of the networks is drawn with replacement and '
        'the value of the '
        f'best one kept; the band holds {entries[0].rules.level:.0%} of these values, the line is '
        'their median, both '
        f'in closed form. It is about the {number} best networks of a population, and ignores the '
        'noise of training.'
        + (
            f' With fewer than {FEWEST} networks it would be about most of them, and is left out.'
            if few
            else ''
        )
    )
