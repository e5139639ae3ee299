"""Verdicts on a finding, and how tests and intervals become one.

Each test is decided at the 5% level by itself; nothing is corrected for the number of findings.
"""

from typing import NamedTuple

import numpy as np

from regnet_plugin.analysis import PairComparison, adjusted_difference, compare
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.study.statistics import Estimate

YES = 'appears'
PARTLY = 'in part'  # the rest is not decided
MIXED = 'in part, in part not'
NO = 'does not appear'
OPEN = 'not decided'
NOT_STUDIED = 'not studied'
VERDICTS = (YES, PARTLY, MIXED, NO, OPEN, NOT_STUDIED)


class Judgement(NamedTuple):
    """A verdict, one of `VERDICTS`, and the sentences that it rests on."""

    verdict: str
    evidence: str


def both(*verdicts: str) -> str:
    """Return one verdict of several claims that must all appear."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    if YES in verdicts:
        return MIXED if NO in verdicts else PARTLY
    return NO if NO in verdicts else OPEN


def is_positive(low: float, high: float) -> str:
    """Judge whether a number is positive by its interval; NaN decides nothing."""
    if low > 0:
        return YES
    return NO if high < 0 else OPEN


def compared(first: ReportedPopulation, second: ReportedPopulation) -> PairComparison:
    """Compare two populations by themselves."""
    return compare({first.name: first.errors, second.name: second.errors}).pairs[0]


def is_better(pair: PairComparison) -> str:
    """Judge whether the first of a pair is better, by its mean error."""
    if pair.p_direction > pair.level:
        return OPEN
    return YES if pair.difference < 0 else NO


def tolerated_cost(population: ReportedPopulation) -> float:
    """Return the increase of the mean error, in points, that counts as none.

    It is half a standard deviation of the population's errors: less is no medium effect (Cohen
    1988).
    """
    return float(population.errors.std(ddof=1)) / 2


def costs_nothing(pair: PairComparison, second: ReportedPopulation) -> str:
    """Judge whether the first of a pair is as good as the second.

    That a cost is not shown is not the same as shown not to be: the whole interval of the
    difference must be below `tolerated_cost`.
    """
    if pair.high < tolerated_cost(second):
        return YES
    return NO if pair.low > 0 else OPEN


def difference_text(
    pair: PairComparison, populations: tuple[ReportedPopulation, ReportedPopulation] | None = None
) -> str:
    """Say how the errors of a pair differ: 'A less B: -1.20 points (-2.00 to -0.40), …'.

    Args:
        pair: of populations, or of parts of them.
        populations: the two that the pair is of, if it is of whole ones: where one of them is
            partly trained, the difference that is adjusted by what is known of the others is there,
            too. Default: None, of parts.
    """
    text = (
        f'{pair.first} less {pair.second}: {pair.difference:+.2f} '
        f'points{interval_text(pair.low, pair.high)}, the first is better in '
        f'{pair.probability:.0%} of pairs'
    )
    if populations is None:
        return text
    first, second = (population.adjusted for population in populations)
    if first.off and second.off:
        return text
    found = adjusted_difference(first, second, 1 - pair.level)
    return (
        f'{text}; adjusted by what is known of networks that are not trained {found.value:+.2f} '
        f'points{interval_text(found.low, found.high)}'
    )


def interval_text(low: float, high: float, style: str = '+.2f') -> str:
    """Write an interval behind a number, ' (-1.20 to +0.40)'; '' where it is not defined."""
    return f' ({low:{style}} to {high:{style}})' if np.isfinite([low, high]).all() else ''


def correlation_text(correlation: Estimate) -> str:
    """Write a rank correlation in a sentence: '+0.31 (+0.11 to +0.48)'."""
    if not correlation.is_defined:
        return 'not defined'
    return f'{correlation.value:+.2f}{interval_text(correlation.low, correlation.high)}'
