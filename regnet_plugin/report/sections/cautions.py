"""What makes the errors of populations incomparable, or doubtful, as far as the files tell."""

import numpy as np

from regnet_plugin.report.populations import flops_overlap
from regnet_plugin.report.wording import count, listed

_DEFAULTS = dict(num_classes='1000', resolution='224')  # of whoever says nothing
_OF_ERRORS = dict(metric='metric', num_classes='number of classes', resolution='resolution')
_SHOWN = 4  # values of a condition
_FRACTION = 1.0  # largest error in percent that may be a fraction
_GAP = 10.0  # times, between errors as fractions and those in percent


def cautions(entries):
    """Sentences, of populations with an error each; none where nothing speaks against comparing
    them.
    """
    who = 'the populations' if len(entries) > 1 else f'the networks of {entries[0].name}'
    different = [
        f'{words} ({_values(found)})'
        for name, words in _OF_ERRORS.items()
        for found in [_of_errors(entries, name)]
        if found
    ]
    if different:
        yield (
            f'Caution: {who} differ in {listed(different)}. Their errors cannot be compared, and '
            'what is said '
            'of better and worse has no meaning.'
        )
    elif not flops_overlap(entries):
        yield (
            'Caution: the flops of these populations do not overlap, so that a difference may be '
            'one of size, not of '
            'design.'
        )
    data = _all(entries, 'data')
    if len(data) > 1:
        yield (
            f'Caution: {who} differ in data ({_values(data)}). Unless these are the same images, '
            'errors cannot be '
            'compared.'
        )
    trained = list(_trained_differently(entries))
    if trained:
        yield (
            f'Caution: {who} were not trained alike: {listed(trained)}. A difference may be one of '
            'training, not of '
            'design.'
        )
    yield from filter(None, map(_failed_seeds, entries))
    yield from filter(None, map(_fractions, entries))


def _of_errors(entries, name):
    """Values that differ between populations, or, but for the resolution, which may be drawn,
    within one; else none.
    """
    found = [
        counted_at(entry, name)
        if name in _DEFAULTS
        else {entry.records.metric, *entry.condition(name)}
        for entry in entries
    ]
    alike = all(values == found[0] for values in found) and (
        len(found[0]) == 1 or name == 'resolution'
    )
    return set() if alike else set().union(*found)


def counted_at(entry, name):
    """Resolutions, or numbers of classes, that the networks of a population are counted at: texts,
    at least one.
    """
    described = (entry.records.space.get('description') or {}).get(name)
    return (
        {str(described)} if type(described) is int else entry.condition(name) or {_DEFAULTS[name]}
    )


def _all(entries, name):
    return set().union(*(entry.condition(name) for entry in entries))


def _trained_differently(entries):
    """Of what is known of the trainings: what is not the same for all."""
    epochs = _all(entries, 'epochs')
    if len(epochs) > 1:
        yield f'epochs ({_values(epochs)})'
    digests, recipes = _all(entries, 'recipe_digest'), _all(entries, 'recipe')
    known = all(entry.condition('recipe_digest') for entry in entries)
    if len(digests) > 1 or len(recipes) > 1 and not known:
        named = {f'{recipe} {digest}' for recipe in recipes for digest in digests} or digests
        yield f'recipe ({_values(recipes if len(recipes) > 1 else named)})'
    packages = {}
    for version in _all(entries, 'versions'):
        name, _, number = version.partition(' ')
        packages.setdefault(name, set()).add(number)
    yield from (
        f'{name} ({_values(numbers)})'
        for name, numbers in sorted(packages.items())
        if len(numbers) > 1
    )
    seeds = {str(number) for entry in entries for number in entry.seeds}
    if len(seeds) > 1:
        yield f'trainings that a network has its error from ({_values(seeds)})'


def _failed_seeds(entry):
    networks, trainings = entry.partly_failed
    if not networks:
        return None
    treated = (
        'they have an error above all others'
        if entry.rules.failed == 'counted'
        else 'their errors are means over those that did not'
    )
    return (
        f'Caution: of {count(networks, "network")} of {entry.name}, {count(trainings, "training")} '
        'failed and others '
        f'ended well; {treated}.'
    )


def _fractions(entry):
    """Errors that look like fractions of 1, all of them or some."""
    errors = (
        entry.errors[np.isfinite(entry.errors) & (entry.errors > 0)]
        if entry.records.unit
        else np.array([])
    )
    small, others = errors[errors <= _FRACTION], errors[errors > _FRACTION]
    if (
        not len(small)
        or small.min() == _FRACTION
        or len(others)
        and others.min() < _GAP * small.max()
    ):
        return None
    return (
        f'Caution: {entry.name} has {count(len(small), "error")} of {len(errors)} up to '
        f'{_FRACTION:g}%. Errors are in '
        'percent: are these fractions?'
    )


def _values(values):
    """Sorted, as numbers where they are; a few of them."""
    ordered = sorted(
        values, key=lambda value: (0, float(value), value) if value.isdecimal() else (1, 0.0, value)
    )
    more = [f'{len(ordered) - _SHOWN + 1} others'] if len(ordered) > _SHOWN else []
    return listed([*ordered[: _SHOWN - 1 if more else None], *more])
