"""What the rest of the page shows, in a few sentences; and the numbers behind them."""

import math
from collections import Counter

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.entries import by_error, unit_of
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.sections.cautions import cautions
from regnet_plugin.report.sections.distributions import NEIGHBOURS, equal_sentence
from regnet_plugin.report.sections.parameters import FEWEST, bootstraps_of
from regnet_plugin.report.wording import count, listed, percent, points, sentence, size, spread

_NOTES = 3


def summary(entries, comparison, equal):
    """Return paragraphs: what there is, which space is better, how sure that is, which networks are
    best.
    """
    trained = [entry for entry in entries if entry.trained]
    if not trained:
        return [_extent(entries), *_notes(entries), _nothing(entries)]
    unit = unit_of(entries)
    sizes = [
        equal_sentence(name, weighted, entries[0].rules.level, unit)
        for name, (_, weighted) in equal.items()
        if len(weighted) <= NEIGHBOURS
    ]
    return [
        _extent(entries),
        *_notes(entries),
        *cautions(trained),
        *_verdict(trained, comparison),
        *sizes[:1],
        _best_network(trained),
        _best_values(trained),
    ]


def _notes(entries):
    """What the readers say of the files, of each population the first few."""
    for entry in entries:
        yield from (f'Caution: {note}.' for note in entry.records.notes[:_NOTES])
        if len(entry.records.notes) > _NOTES:
            yield f'Caution: {len(entry.records.notes) - _NOTES:,} more results of {entry.name} cannot be used.'


def _nothing(entries):
    if any(entry.unfinished for entry in entries):
        return 'No network has an error yet.'
    if any(entry.unrated for entry in entries):
        return 'No network has an error, and training has ended: the recipe must evaluate.'
    return 'No network has an error: all of them failed.'


def _extent(entries):
    numbers = Counter()
    for entry in entries:
        numbers.update(
            networks=len(entry.records.networks),
            n=entry.rated,
            failed=entry.failed,
            left=entry.unfinished,
            unrated=entry.unrated,
        )
    text = f'{count(len(entries), "population")}, {count(numbers["networks"], "network")}: {numbers["n"]:,} with an error'
    for name, words in (
        ('failed', 'failed'),
        ('left', 'not finished'),
        ('unrated', 'trained without one'),
    ):
        if numbers[name]:
            text += f', {numbers[name]:,} {words}'
    return f'{text}.'


def _verdict(entries, comparison):
    if len(entries) == 1:
        (entry,) = entries
        mean, minimum = (
            percent(error, entry.records.unit) for error in (entry.edf.mean, entry.edf.minimum)
        )
        return [f'{entry.name}: mean error {mean}, minimum {minimum} (n = {entry.n}).']
    if len(entries) == 2:
        return [sentence(pair.text) for pair in comparison.pairs if min(pair.n)]
    (best, following, *_), what = by_error(entries)
    value, next_value = getattr(best, what), getattr(following, what)
    beaten, undecided = [], []
    for pair in comparison.pairs:
        if best.name in (pair.first, pair.second) and min(pair.n):
            other = pair.second if pair.first == best.name else pair.first
            (beaten if pair.better == best.name else undecided).append(other)
    text = (
        f'{best.name} has the least {what} error, {percent(value, unit_of(entries))} (n = {best.n})'
    )
    if math.isfinite(next_value):
        text += (
            f', {points(next_value - value, unit_of(entries))} less than the next, {following.name}'
        )
    if beaten:
        text += f'; it is better than {listed(beaten)}'
    if undecided:
        text += f'; that it is better than {listed(undecided)} is not shown'
    return [
        f'{text} ({comparison.test}, level {comparison.level:g} for all {comparison.comparisons} '
        'comparisons together, '
        f"{comparison.correction}'s correction)."
    ]


def _best_network(entries):
    best = min(entries, key=lambda entry: entry.edf.minimum)
    index = best.order[0]
    costs = listed(
        f'{size(value)} {name}'
        for name in COUNTS
        for value in [float(best.column(name)[index])]
        if math.isfinite(value)
    )
    return (
        f'The best network is {best.networks[index]} of {best.name}: '
        f'{percent(best.edf.minimum, best.records.unit)}'
        + ('.' if costs == 'none' else f', {costs}.')
    )


def _best_values(entries):
    best = by_error(entries)[0][0]
    every = bootstraps_of(best)
    ranges = {name: found for name, found in every.items() if found.n >= FEWEST}
    if every and not ranges:
        return (
            f'{count(best.n, "network")} of {best.name} are too few to tell which values the best '
            'ones of its space '
            f'have: from {FEWEST} on a range rests on the better half of them, or less.'
        )
    if not ranges:
        return f'The networks of {best.name} do not differ in any parameter that is known.'
    shown = listed(f'{label_of(name)} {spread(found)}' for name, found in list(ranges.items())[:6])
    return (
        f'Most likely best values in {best.name}, and {best.rules.level:.0%} ranges, which rest on '
        'the '
        f'{count(next(iter(ranges.values())).networks, "best network")}: {shown}.'
    )
