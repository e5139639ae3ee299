"""What the best networks of a regime cost, and have in common with those of others (figures 11 and
12).
"""

import re

import numpy as np

from regnet_plugin.analysis import (
    compare_predictors,
    fit_activations,
    fit_latency,
    fit_parameters,
    trend,
)
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import complexity_plot, latency_plot, trend_plot
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.sections.parameters import FEWEST, OF_NETWORKS, parameters_of
from regnet_plugin.report.sketch import Sketch
from regnet_plugin.report.wording import listed

_RANGE = 1.5  # largest flops by least, from which on a fit to flops says something
_NEXT = 1.2  # median flops of a regime by those of the one before, at least
_FITS = dict(activations=fit_activations, parameters=fit_parameters, latency=fit_latency)
_REGIME = re.compile(r'[-_ ]?\d+(\.\d+)? ?[mg]f', re.IGNORECASE)
_TIMES = ('latency', 'training_step')


def complexity(entries):
    """The section; None where the networks tell nothing about it."""
    entries = [entry for entry in entries if entry.trained]
    if not entries:
        return None
    devices = dict.fromkeys(entry.records.device for entry in entries)
    times = [
        _time([entry for entry in entries if entry.records.device == device], column, number)
        for number, device in enumerate(devices, 1)
        for column in _TIMES
    ]
    found = [_fits(entries), *times, _trends(entries)]
    items, texts = zip(*filter(None, found)) if any(found) else ((), ())
    return (
        Section('cost', 'Complexity', [line for text in texts for line in text], items)
        if items
        else None
    )


def _fits(entries):
    """Complexity of the best networks against flops, pooled over the populations, if their flops
    differ enough.
    """
    best = {entry.name: _columns(entry, entry.best, ('flops', *_FITS)) for entry in entries}
    pooled = {
        name: np.concatenate([columns[name] for columns in best.values()])
        for name in ('flops', *_FITS)
    }
    flops = pooled['flops'][pooled['flops'] > 0]
    if not len(flops) or flops.max() < _RANGE * flops.min():
        return None
    devices = {
        entry.records.device for entry in entries if np.isfinite(entry.column('latency')).any()
    }
    fits = {
        name: fit(pooled['flops'], pooled[name])
        for name, fit in _FITS.items()
        if np.isfinite(pooled[name]).any()
        # times of several devices have no common fit
        and (name != 'latency' or len(devices) == 1)
    }
    if not fits:
        return None
    caption = (
        'The networks on which the empirical bootstrap of each population rests, and least-squares '
        'fits of the '
        'forms that the paper names.'
    )
    return (
        Figure(
            Sketch(complexity_plot, 'complexity', best, fits),
            'Complexity of the best networks',
            caption,
        ),
        [f'{fit.text}.' for fit in fits.values()],
    )


def _columns(entry, chosen, names):
    return dict(
        network=[entry.networks[index] for index in chosen],
        **{name: entry.column(name)[chosen] for name in names},
    )


def _time(entries, column, number):
    """A time that was measured on a device, the number-th, against flops and activations."""
    names = ('flops', 'activations', column)
    timed = [
        entry
        for entry in entries
        if np.isfinite([entry.column(name) for name in names]).all(axis=0).any()
    ]
    if not timed:
        return None
    populations = {entry.name: _columns(entry, np.arange(entry.n), names) for entry in timed}
    pooled = [np.concatenate([columns[name] for columns in populations.values()]) for name in names]
    compared = compare_predictors(*pooled, 1 - timed[0].rules.level)
    what = 'Latency' if column == 'latency' else 'Time of a training step'
    device = timed[0].records.device
    plot = Sketch(
        latency_plot,
        column.replace('_', '-') + (f'-{number}' if number > 1 else ''),
        populations,
        compared,
        column,
    )
    place = f' ({device})' if device else ''
    return (
        Figure(
            plot,
            f'{what} against flops and activations',
            f'Measured on {device}.' if device else '',
        ),
        [f'{what}{place}: {compared.text}.'],
    )


def _trends(entries):
    """Ranges of the parameters over regimes of flops, for design spaces with populations in several
    of them.
    """
    families = {}
    for entry in sorted((entry for entry in entries if entry.n >= FEWEST), key=_flops):
        families.setdefault(_family(entry), []).append(entry)
    regimes = {name: family for name, family in families.items() if _are_regimes(family)}
    if not regimes:
        return None
    shared = [set(parameters_of(entry)) for family in regimes.values() for entry in family]
    names = [
        name
        for name in parameters_of(next(iter(regimes.values()))[0])
        if all(name in some for some in shared)
    ]
    # stages follow from these; figure 11 has no others
    names = [name for name in names if name in OF_NETWORKS] or names
    if not names:
        return None
    level = entries[0].rules.level
    trends = {
        name: {space: _trend(family, name, level) for space, family in regimes.items()}
        for name in names
    }
    return (
        Figure(
            Sketch(trend_plot, 'trends', trends),
            'Trends across flop regimes',
            'Most likely best value of each parameter and the range of the best networks, per '
            'population.',
        ),
        _trend_sentences(regimes, names, level),
    )


def _trend(family, name, level):
    return trend(
        [_flops(entry) for entry in family],
        [entry.column(name) for entry in family],
        [entry.errors for entry in family],
        level,
    )


def _trend_sentences(regimes, names, level):
    """Which parameters grow or fall; the level of each is corrected for their number (Bonferroni)."""
    number = len(names) * len(regimes)
    level = 1 - (1 - level) / number
    for space, family in regimes.items():
        found = {label_of(name): _trend(family, name, level) for name in names}
        sure = [label for label, one in found.items() if one.low > 0 or one.high < 0]
        yield from (f'{space}: {found[label].text(label)}.' for label in sure)
        if len(sure) < len(found):
            yield f'{space}: no trend with flops is shown for {listed(label for label in found if label not in sure)}.'
    yield f'Intervals of trends are corrected for their number, {number} (Bonferroni).'


def _family(entry):
    """Name of the kind of space: 'RegNet', 'AnyNet Y'; where it is unknown the name without a
    regime, such as '_400mf'.
    """
    space = entry.records.space.get('description') or {}
    if 'type' not in space:
        return _REGIME.sub('', entry.name)
    kind = str(space['type']).rpartition('.')[2].replace('Space', '')
    return ' '.join(
        filter(None, (kind, 'Y' if space.get('se_ratio') else str(space.get('block', ''))))
    )


def _flops(entry):
    flops = entry.column('flops')
    return float(np.nanmedian(flops)) if np.isfinite(flops).any() else float('nan')


def _are_regimes(family):
    flops = [_flops(entry) for entry in family]
    return len(flops) > 1 and all(
        after >= _NEXT * before for before, after in zip(flops, flops[1:])
    )
