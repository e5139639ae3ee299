"""What makes the errors of populations incomparable, or doubtful, as far as the files tell."""

from collections.abc import Iterable, Sequence

import numpy as np

from regnet_plugin.cli.wording import counted
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.population.making.twins import are_twins_of
from regnet_plugin.report.populations import ReportedPopulation, flops_overlap
from regnet_plugin.report.sections.spaces import description_of
from regnet_plugin.report.wording import listed

# What networks are counted at where neither the space nor the results say it.
_DEFAULTS = dict(num_classes=str(DEFAULT_NUM_CLASSES), resolution=str(DEFAULT_RESOLUTION))
# Conditions of an error without which two errors cannot be compared, and their names.
_OF_ERRORS = dict(metric='metric', num_classes='number of classes', resolution='resolution')
_SHOWN = 4  # values of a condition in a sentence, or it would be too long to read
_FRACTION = 1.0  # largest error in percent that may really be a fraction of 1
# How many times larger the least error in percent must be than the largest that is taken for a
# fraction of 1. As fractions errors are a hundred times smaller, and within a population they
# rarely differ tenfold.
_GAP = 10.0


def cautions(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Say what speaks against comparing populations.

    Args:
        populations: with an error each, at least one.

    Returns:
        Sentences, what matters most first; none where nothing speaks against it.
    """
    who = 'the populations' if len(populations) > 1 else f'the networks of {populations[0].name}'
    told = [
        *(_partly_trained(population) for population in populations),
        *(_only_twins(population) for population in populations),
        _different_errors(populations, who) or _different_flops(populations),
        _different_data(populations, who),
        _different_trainings(populations, who),
        *(_failed_seeds(population) for population in populations),
        *(_fractions(population) for population in populations),
    ]
    return [sentence for sentence in told if sentence is not None]


def _partly_trained(population: ReportedPopulation) -> str | None:
    """Say that a population in training is no random part of itself; None where it may be one."""
    if not population.untrained or population.records.is_random_part:
        return None
    return (
        f'{population.finished_text}, and they are not known to be a random part of them, '
        'as where the costliest were trained first: it may not be compared yet.'
    )


def _only_twins(population: ReportedPopulation) -> str | None:
    """Say that a population has nothing but twins of another one; None where it has all."""
    other = are_twins_of(population.records)
    if other is None:
        return None
    return (
        f'{population.name} has twins of {other} only, networks whose draw that space '
        'accepts, too. They are no random part of their space: what is said of its mean and of '
        'better and worse is said of them.'
    )


def _different_errors(populations: Sequence[ReportedPopulation], who: str) -> str | None:
    """Say which conditions of errors differ; None where none does."""
    different = []
    for condition, words in _OF_ERRORS.items():
        values = _different_values(populations, condition)
        if values:
            different.append(f'{words} ({_listed_values(values)})')
    if not different:
        return None
    return (
        f'{_capital(who)} differ in {listed(different)}. Their errors cannot be compared, and what '
        'is said of better and worse has no meaning.'
    )


def _different_values(populations: Sequence[ReportedPopulation], condition: str) -> set[str]:
    """Return all values of a condition of errors if they differ, else none.

    They differ if they do so between populations or within one. Only the resolution may differ
    within one, as a space may draw it for each network.
    """
    found = [_values_of_errors(population, condition) for population in populations]
    same_everywhere = all(values == found[0] for values in found)
    if same_everywhere and (len(found[0]) == 1 or condition == 'resolution'):
        return set()
    return set().union(*found)


def _values_of_errors(population: ReportedPopulation, condition: str) -> set[str]:
    if condition == 'metric':
        return {population.records.metric, *population.condition('metric')}
    return counted_at(population, condition)


def counted_at(population: ReportedPopulation, condition: str) -> set[str]:
    """Return what the networks of a population are counted at.

    Args:
        population: whose networks they are.
        condition: 'resolution' or 'num_classes'.

    Returns:
        Its values as texts, at least one: what the space says, or else the results, or else the
        paper's.
    """
    described = description_of(population).get(condition)
    if isinstance(described, int) and not isinstance(described, bool):
        return {str(described)}
    return population.condition(condition) or {_DEFAULTS[condition]}


def _different_flops(populations: Sequence[ReportedPopulation]) -> str | None:
    if flops_overlap(populations):
        return None
    return (
        'The flops of these populations do not overlap, so that a difference may be one '
        'of size, not of design.'
    )


def _different_data(populations: Sequence[ReportedPopulation], who: str) -> str | None:
    data = _values(populations, 'data')
    if len(data) < 2:
        return None
    return (
        f'{_capital(who)} differ in data ({_listed_values(data)}). Unless these are the same '
        'images, errors cannot be compared.'
    )


def _different_trainings(populations: Sequence[ReportedPopulation], who: str) -> str | None:
    """Say what is known of the trainings and not the same for all; None where nothing is."""
    different = [
        *_different_epochs(populations),
        *_different_recipes(populations),
        *_different_versions(populations),
        *_different_seeds(populations),
    ]
    if not different:
        return None
    return (
        f'{_capital(who)} were not trained alike: {listed(different)}. A difference may be one of '
        'training, not of design.'
    )


def _different_epochs(populations: Sequence[ReportedPopulation]) -> list[str]:
    epochs = _values(populations, 'epochs')
    return [f'epochs ({_listed_values(epochs)})'] if len(epochs) > 1 else []


def _different_recipes(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return which recipes there are, if several; [] otherwise.

    A recipe is known by its digest. Names count only where a digest is unknown: one recipe may have
    two names. Recipes of one name are told apart by their digests.
    """
    digests = _values(populations, 'recipe_digest')
    names = _values(populations, 'recipe')
    digests_known = all(population.condition('recipe_digest') for population in populations)
    if len(digests) < 2 and (len(names) < 2 or digests_known):
        return []
    if len(names) > 1:
        return [f'recipe ({_listed_values(names)})']
    with_digests = {f'{name} {digest}' for name in names for digest in digests}
    return [f'recipe ({_listed_values(with_digests or digests)})']


def _different_versions(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return the packages of which there are several versions, in order of their names."""
    versions: dict[str, set[str]] = {}
    for package_and_version in _values(populations, 'versions'):
        package, _, version = package_and_version.partition(' ')
        versions.setdefault(package, set()).add(version)
    return [
        f'{package} ({_listed_values(numbers)})'
        for package, numbers in sorted(versions.items())
        if len(numbers) > 1
    ]


def _different_seeds(populations: Sequence[ReportedPopulation]) -> list[str]:
    numbers = {str(number) for population in populations for number in population.seeds}
    if len(numbers) < 2:
        return []
    return [f'trainings that a network has its error from ({_listed_values(numbers)})']


def _failed_seeds(population: ReportedPopulation) -> str | None:
    """Say how many networks have an error although a training failed; None where none has."""
    networks, trainings = population.partly_failed
    if not networks:
        return None
    if population.rules.failed == 'counted':
        treated = 'they have an error above all others'
    else:
        treated = 'their errors are means over those that did not'
    return (
        f'Of {counted(networks, "network")} of {population.name}, '
        f'{counted(trainings, "training")} failed and others ended well; {treated}.'
    )


def _fractions(population: ReportedPopulation) -> str | None:
    """Ask whether errors in percent, all or some, are really fractions of 1; None if not."""
    if not population.records.unit:
        return None
    errors = population.errors[np.isfinite(population.errors) & (population.errors > 0)]
    small, others = errors[errors <= _FRACTION], errors[errors > _FRACTION]
    if len(small) == 0 or small.min() == _FRACTION:
        return None
    if len(others) > 0 and others.min() < _GAP * small.max():
        return None
    return (
        f'{population.name} has {counted(len(small), "error")} of {len(errors)} up to '
        f'{_FRACTION:g}%. Errors are in percent: are these fractions?'
    )


def _values(populations: Sequence[ReportedPopulation], condition: str) -> set[str]:
    """Return all values of a condition in any of the populations."""
    return set().union(*(population.condition(condition) for population in populations))


def _listed_values(values: Iterable[str]) -> str:
    """List values in order, whole numbers first; of many a few, and how many others there are."""
    ordered = sorted(values, key=_rank)
    if len(ordered) > _SHOWN:
        others = len(ordered) - (_SHOWN - 1)
        ordered = [*ordered[: _SHOWN - 1], f'{others} others']
    return listed(ordered)


def _capital(text: str) -> str:
    """A text with a capital letter at its beginning."""
    return f'{text[:1].upper()}{text[1:]}'


def _rank(value: str) -> tuple[int, float, str]:
    return (0, float(value), value) if value.isdecimal() else (1, 0.0, value)
