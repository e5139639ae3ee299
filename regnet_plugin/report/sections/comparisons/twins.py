"""Populations that share draws: what their twins say of the difference of their spaces."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from regnet_plugin.analysis import Estimate, TwinDifference, twin_difference
from regnet_plugin.analysis.notation import interval_text
from regnet_plugin.cli.wording import counted
from regnet_plugin.population.making.twins import are_twins_of, share_draws
from regnet_plugin.report.document import Table
from regnet_plugin.report.drawing.plot import Cell
from regnet_plugin.report.populations import MOST_TOLD, ReportedPopulation, unit_of
from regnet_plugin.report.units import units_of_errors

_COLUMNS = (
    'first',
    'second',
    'twins',
    'trained pairs',
    'correlation',
    'difference of twins',
    'low of twins',
    'high of twins',
    'difference of spaces',
    'low of spaces',
    'high of spaces',
    'without twins',
    'low without',
    'high without',
)


@dataclass(frozen=True)
class TwinPair:
    """Two populations of the same candidates.

    Attributes:
        first, second: the populations.
        found: what their twins and others say.
        only_twins: whether one of them has nothing but twins, and so says nothing of its space.
    """

    first: ReportedPopulation
    second: ReportedPopulation
    found: TwinDifference
    only_twins: bool


def twin_pairs(populations: Sequence[ReportedPopulation]) -> list[TwinPair]:
    """Find pairs of populations that share draws, with twins; of many, only neighbours.

    Populations in training of which no random part is trained tell nothing of their spaces, and are
    left out, and so are those whose twins have no mean difference, as failed ones count.
    """
    pairs = list(combinations(populations, 2))
    if len(pairs) > MOST_TOLD:
        pairs = list(pairwise(populations))
    found = []
    for first, second in pairs:
        if not share_draws(first.records, second.records):
            continue
        one, other = first.drawn, second.drawn
        if one is None or other is None:
            continue
        difference = twin_difference(one, other, first.rules.level)
        if math.isfinite(difference.of_twins.value):
            alone = any(are_twins_of(each.records) for each in (first, second))
            found.append(TwinPair(first, second, difference, alone))
    return found


def twin_sentences(pairs: Sequence[TwinPair]) -> list[str]:
    """Say of each pair what twins differ by, and what the spaces do by them and all others."""
    return [_sentence(pair) for pair in pairs]


EXPLANATION = (
    'A twin: candidates for the networks of a space are numbered, and two spaces that draw the '
    'same parameters make those of one number of the same random numbers. Where both accept '
    'theirs, these are twins, which differ by what the spaces differ in, and not by luck; so their '
    'difference is often as sure as that of several times as many networks drawn apart. But there '
    'are twins only where both spaces accept, and the rest of each may differ by more, or by less. '
    'So the mean of a space is put together of its twins and its other networks, each by its share '
    'of all that were sampled.'
)


def _sentence(pair: TwinPair) -> str:
    found, name = pair.found, pair.first.name
    text = (
        f'{name} and {pair.second.name} share draws: {counted(found.twins, "network")} of each '
        f'{"has" if found.twins == 1 else "have"} a twin in the other, a network of the same draw. '
        f'Of {counted(found.pairs, "trained pair")} the mean error of {name} is '
        f'{_text(found.of_twins, pair)}'
    )
    if math.isfinite(found.correlation):
        text += f', and their errors correlate by {found.correlation:.2f}'
    text += '; twins have a law of their own, which is not that of the spaces.'
    if pair.only_twins:
        return text
    if found.off is not None:
        return f'{text} Of the spaces they tell nothing yet: {found.off}.'
    one, other = found.shares
    return (
        f'{text} With the others, by the shares of twins ({one:.0%} and {other:.0%}), the mean '
        f'error of {name} is {_text(found.of_spaces, pair)}; without regard to twins it is '
        f'{_text(found.unpaired, pair)}.'
    )


def _text(difference: Estimate, pair: TwinPair) -> str:
    """Write a difference: '1.45 points lower (95% interval 0.62 to 2.44)'."""
    unit = ' points' if pair.first.records.unit else ''
    value, low, high = difference.value, difference.low, difference.high
    if value <= 0:
        value, low, high = 0 - value, 0 - high, 0 - low
    side = 'lower' if difference.value <= 0 else 'higher'
    return interval_text(value, low, high, pair.first.rules.level, f'{unit} {side}'.strip())


def twins_table(pairs: Sequence[TwinPair]) -> Table:
    """Make the table of the pairs."""
    return Table(
        'twins',
        'Twins',
        _COLUMNS,
        [_row(pair) for pair in pairs],
        'Populations that share draws. Difference: mean error of the first less that of the '
        'second, in points, with its confidence interval: of twins, pair by pair, in their own '
        'law; of the spaces, by twins and others together, each by its share; and without regard '
        'to twins.',
        units=units_of_errors((), _COLUMNS[5:], unit_of([pair.first for pair in pairs])),
    )


def _row(pair: TwinPair) -> tuple[Cell, ...]:
    found = pair.found
    of_spaces: tuple[Cell, ...] = (None,) * 6
    if not pair.only_twins:
        combined = _cells(found.of_spaces) if found.off is None else (None,) * 3
        of_spaces = (*combined, *_cells(found.unpaired))
    return (
        pair.first.name,
        pair.second.name,
        found.twins,
        found.pairs,
        found.correlation,
        *_cells(found.of_twins),
        *of_spaces,
    )


def _cells(estimate: Estimate) -> tuple[Cell, ...]:
    return estimate.value, estimate.low, estimate.high
