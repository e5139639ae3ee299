"""What the rest of the page shows, in a few sentences, and what speaks against it."""

import math
from collections.abc import Sequence

from regnet_plugin.analysis import Comparison
from regnet_plugin.cli.wording import counted
from regnet_plugin.report.figures.scales import label_of
from regnet_plugin.report.populations import MOST_TOLD, ReportedPopulation, by_error, unit_of
from regnet_plugin.report.sections.cautions import cautions
from regnet_plugin.report.sections.comparisons.adjustments import adjustments
from regnet_plugin.report.sections.comparisons.distributions import (
    EqualComplexity,
    equal_sentence,
)
from regnet_plugin.report.sections.comparisons.twins import TwinPair, twin_sentences
from regnet_plugin.report.sections.parameters import FEWEST_FOR_RANGES, bootstraps_of
from regnet_plugin.report.wording import error_text, listed, points, sentence, spread

_NOTES = 3  # of a population that are quoted: the summary is to fit on a screen
_PARAMETERS = 6  # whose best values are told: those of a RegNet


def summary(
    populations: Sequence[ReportedPopulation],
    comparison: Comparison,
    equal: Sequence[EqualComplexity],
    twins: Sequence[TwinPair],
) -> list[str]:
    """Say which space is better, how sure that is, which values are best.

    Args:
        populations: in the order of the page.
        comparison: of all of them.
        equal: the same at equal complexity.
        twins: pairs of populations that share draws.

    Returns:
        Paragraphs.
    """
    trained = [population for population in populations if population.trained]
    if not trained:
        return [_why_nothing(populations)]
    return [
        *_verdict(trained, comparison),
        *adjustments(trained),
        *twin_sentences(twins),
        *_verdict_at_equal_complexity(populations, equal),
        _best_values(trained),
    ]


def all_cautions(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Say what speaks against what the page says, each thing once.

    Args:
        populations: in the order of the page.
    """
    trained = [population for population in populations if population.trained]
    told = [*_random_parts(trained), *_notes(populations)]
    if trained:
        told += cautions(trained)
    return told


def _random_parts(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Say how much of populations is trained of which a random part is."""
    return [
        f'{population.finished_text}, a random part of them.'
        for population in populations
        if population.is_random_part
    ]


def _notes(populations: Sequence[ReportedPopulation]) -> list[str]:
    """Return what the readers say of the files, of each population the first few notes."""
    told = []
    for population in populations:
        notes = population.records.notes
        told += [f'{note[:1].upper()}{note[1:]}.' for note in notes[:_NOTES]]
        if len(notes) > _NOTES:
            told.append(
                f'{len(notes) - _NOTES:,} more results of {population.name} cannot be used.'
            )
    return told


def _why_nothing(populations: Sequence[ReportedPopulation]) -> str:
    """Say why no network has an error."""
    if any(population.untrained for population in populations):
        return 'No network has an error yet.'
    if any(population.unrated for population in populations):
        return 'No network has an error, and training has ended: the recipe must evaluate.'
    return 'No network has an error: all of them failed.'


def _verdict(populations: Sequence[ReportedPopulation], comparison: Comparison) -> list[str]:
    """Say which design space is better, and how sure that is."""
    if len(populations) == 1:
        (population,) = populations
        unit = population.records.unit
        mean = error_text(population.edf.mean, unit)
        minimum = error_text(population.edf.minimum, unit)
        return [f'{population.name}: mean error {mean}, minimum {minimum} (n = {population.n}).']
    if len(populations) == 2:
        return [sentence(pair.text) for pair in comparison.pairs if min(pair.n) > 0]
    return [_verdict_of_many(populations, comparison)]


def _verdict_of_many(populations: Sequence[ReportedPopulation], comparison: Comparison) -> str:
    """Say which of three populations or more has the least error, and which it surely beats."""
    (best, following, *_), what = by_error(populations)
    least, next_least = getattr(best, what), getattr(following, what)
    unit = unit_of(populations)
    text = f'{best.name} has the least {what} error, {error_text(least, unit)} (n = {best.n})'
    if math.isfinite(next_least):
        text += f', {points(next_least - least, unit)} less than the next, {following.name}'
    beaten, undecided = _beaten_by(best.name, comparison)
    if beaten:
        text += f'; it is better than {listed(beaten)}'
    if undecided:
        text += f'; that it is better than {listed(undecided)} is not shown'
    return (
        f'{text} ({comparison.test}, level {comparison.level:g} for all {comparison.comparisons} '
        f"comparisons together, {comparison.correction}'s correction)."
    )


def _beaten_by(best: str, comparison: Comparison) -> tuple[list[str], list[str]]:
    """Return the names of the populations that one is better than, and of those undecided."""
    beaten, undecided = [], []
    for pair in comparison.pairs:
        if best not in (pair.first, pair.second) or min(pair.n) == 0:
            continue
        other = pair.second if pair.first == best else pair.first
        if pair.better == best:
            beaten.append(other)
        else:
            undecided.append(other)
    return beaten, undecided


def _verdict_at_equal_complexity(
    populations: Sequence[ReportedPopulation], equal: Sequence[EqualComplexity]
) -> list[str]:
    """Return the sentence on the first complexity whose distributions differ, if there is one."""
    short = [one for one in equal if len(one.edfs) <= MOST_TOLD]
    if not short:
        return []
    return [equal_sentence(short[0], populations[0].rules.level, unit_of(populations))]


def _best_values(populations: Sequence[ReportedPopulation]) -> str:
    """Say which values of parameters the best networks of the best population have."""
    best = by_error(populations)[0][0]
    every = bootstraps_of(best)
    ranges = {name: found for name, found in every.items() if found.n >= FEWEST_FOR_RANGES}
    if every and not ranges:
        return (
            f'{counted(best.n, "network")} of {best.name} are too few to tell which values the '
            f'best ones of its space have: from {FEWEST_FOR_RANGES} on a range rests on the better '
            'half of them, or less.'
        )
    if not ranges:
        return f'The networks of {best.name} do not differ in any parameter that is known.'
    shown = [
        f'{label_of(name)} {spread(found)}' for name, found in list(ranges.items())[:_PARAMETERS]
    ]
    resting_on = next(iter(ranges.values())).networks
    return (
        f'Most likely best values in {best.name}, and {best.rules.level:.0%} ranges, which rest on '
        f'the {counted(resting_on, "best network")}: {listed(shown)}.'
    )
