"""The finding in a sentence, and what stands beside the first figure."""

from collections.abc import Sequence
from math import isfinite

from regnet_plugin.analysis import Comparison, PairComparison
from regnet_plugin.cli.wording import counted
from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.report.populations import ReportedPopulation, by_error, unit_of
from regnet_plugin.report.wording import error_text, listed, size

_MOST_NAMED = 6  # populations in a headline; of more it has numbers
_SHOWN = 3  # values of a condition


def headline(populations: Sequence[ReportedPopulation], comparison: Comparison) -> str:
    """Say in a sentence which design space is better, as far as it is shown.

    Args:
        populations: in the order of the page.
        comparison: of all of them.
    """
    trained = [population for population in populations if population.trained]
    if not trained:
        return 'No network has an error yet'
    text = _of_one(trained[0]) if len(trained) == 1 else _of_several(trained, comparison)
    waiting = sum(population.untrained for population in populations)
    if not waiting:
        return text
    networks = sum(len(population.records.networks) for population in populations)
    return f'{text} (so far: {networks - waiting:,} of {counted(networks, "network")})'


def _of_several(trained: Sequence[ReportedPopulation], comparison: Comparison) -> str:
    best_first, what = by_error(trained)
    groups = _groups(best_first, comparison)
    if groups is None:
        return _of_the_best(best_first, what, comparison)
    leading, others = groups
    if not others:
        return f'No difference between {_named(leading)} is shown'
    return f'{_named(leading)} {_verb(leading)} {_named(others)}{_distance(leading, others)}'


def _of_one(population: ReportedPopulation) -> str:
    unit = population.records.unit
    median, least = error_text(population.median, unit), error_text(population.edf.minimum, unit)
    if not isfinite(population.median):
        return f'The best network of {population.name} has an error of {least}'
    return (
        f'Half of the networks of {population.name} have an error of at most {median}, the best '
        f'one {least}'
    )


def _groups(
    best_first: Sequence[ReportedPopulation], comparison: Comparison
) -> tuple[list[ReportedPopulation], list[ReportedPopulation]] | None:
    """Split populations where each of the first ones is better than each of the others.

    The first ones are the best one and those that it is not shown to be better than. None where
    some of these are not shown to be better than some of the others.
    """
    better = {frozenset((pair.first, pair.second)): pair.better for pair in comparison.pairs}
    best = best_first[0].name
    leading = [best_first[0]]
    others: list[ReportedPopulation] = []
    for population in best_first[1:]:
        beaten = better.get(frozenset((best, population.name))) == best
        (others if beaten else leading).append(population)
    for one in leading:
        for other in others:
            if better.get(frozenset((one.name, other.name))) != one.name:
                return None
    return leading, others


def _of_the_best(
    best_first: Sequence[ReportedPopulation], what: str, comparison: Comparison
) -> str:
    """Say of which others the best one is better, where the others overlap."""
    best, *others = best_first
    beaten = [one for one in others if _is_better(best, one, comparison.pairs)]
    undecided = [one for one in others if one not in beaten]
    least = error_text(getattr(best, what), unit_of(best_first))
    return (
        f'{best.name} has the least {what} error, {least}: it beats {_named(beaten)}, but not '
        f'surely {_named(undecided)}'
    )


def _is_better(
    one: ReportedPopulation, other: ReportedPopulation, pairs: Sequence[PairComparison]
) -> bool:
    names = {one.name, other.name}
    return any({pair.first, pair.second} == names and pair.better == one.name for pair in pairs)


def _named(populations: Sequence[ReportedPopulation]) -> str:
    """Names in the order of the errors; of many, how many there are."""
    if len(populations) > _MOST_NAMED:
        return f'{len(populations)} design spaces'
    return listed(population.name for population in populations)


def _verb(populations: Sequence[ReportedPopulation]) -> str:
    return 'beats' if len(populations) == 1 else 'beat'


def _distance(leading: Sequence[ReportedPopulation], others: Sequence[ReportedPopulation]) -> str:
    """Say by how much, from the nearest to the farthest; '' where means are not known."""
    differences = [other.mean - one.mean for one in leading for other in others]
    if not all(isfinite(difference) for difference in differences):
        return ''
    unit = unit_of([*leading, *others])
    least, most = f'{min(differences):.2g}', f'{max(differences):.2g}'
    what = ' points' if unit else ''
    return f' by {most}{what}' if least == most else f' by {least} to {most}{what}'


def facts(populations: Sequence[ReportedPopulation]) -> list[tuple[str, str]]:
    """Return what was trained, on what, how much of it is in, and which network is best.

    Args:
        populations: in the order of the page.
    """
    told = [('Networks', _extent(populations))]
    for name, condition in (('Data', 'data'), ('Recipe', 'recipe'), ('Epochs', 'epochs')):
        values = sorted(set().union(*(one.condition(condition) for one in populations)))
        if values:
            shown = values if len(values) <= _SHOWN else [*values[:_SHOWN], '…']
            told.append((name, ', '.join(shown)))
    trained = [population for population in populations if population.trained]
    if trained:
        told.append(('Best network', _best_network(trained)))
    return told


def _extent(populations: Sequence[ReportedPopulation]) -> str:
    """Say how many populations and networks there are, and how many have an error."""
    networks = sum(len(population.records.networks) for population in populations)
    rated = sum(population.rated for population in populations)
    text = (
        f'{counted(len(populations), "population")}, {counted(networks, "network")}: {rated:,} '
        'with an error'
    )
    for number, what in (
        (sum(population.failed for population in populations), 'failed'),
        (sum(population.unfinished for population in populations), 'not finished'),
        (networks - sum(population.planned for population in populations), 'sampled only'),
        (sum(population.unrated for population in populations), 'trained without one'),
    ):
        if number:
            text += f', {number:,} {what}'
    return text


def _best_network(populations: Sequence[ReportedPopulation]) -> str:
    """Say which network has the least error of all, and what it costs."""
    best = min(populations, key=lambda population: population.edf.minimum)
    index = best.order[0]
    costs = []
    for name in COUNTS:
        value = float(best.column(name)[index])
        if isfinite(value):
            costs.append(f'{size(value)} {name}')
    error = error_text(best.edf.minimum, best.records.unit)
    return ', '.join([f'{best.networks[index]} of {best.name}: {error}', *costs])
