"""What is said of a claim of the paper, and by which rule.

Each claim is decided at the 5% level by itself; nothing is corrected for the number of claims.
"""

from collections.abc import Iterable
from typing import NamedTuple

from regnet_plugin.study.judging.pairs import BETTER, EQUAL, WORSE, ComparedPair

YES = 'yes'
ALIKE = 'equal'  # where one of two is claimed to be better
NO = 'no'
OPEN = 'not decided'
NOT_STUDIED = 'not studied'
VERDICTS = (YES, ALIKE, NO, OPEN, NOT_STUDIED)


class Judgement(NamedTuple):
    """A verdict, one of `VERDICTS`, and the words that it rests on.

    Attributes:
        verdict: one of `VERDICTS`.
        evidence: estimates with their intervals.
        margin: in points of error, what is equal differs by less; None for other verdicts.
    """

    verdict: str
    evidence: str
    margin: float | None = None

    @property
    def said(self) -> str:
        """The verdict as it is printed: 'equal within 0.8 points'."""
        return self.verdict if self.margin is None else f'equal within {self.margin:.2g} points'


def together(verdicts: Iterable[str]) -> str:
    """Return the verdict of a finding whose claims must all hold, by those that are studied."""
    found = set(verdicts) - {NOT_STUDIED}
    for verdict in (NO, OPEN, ALIKE, YES):
        if verdict in found:
            return verdict
    return NOT_STUDIED


def is_positive(low: float, high: float) -> str:
    """Judge whether a number is positive by its interval; NaN decides nothing."""
    if low > 0:
        return YES
    return NO if high < 0 else OPEN


def is_better(pair: ComparedPair) -> Judgement:
    """Judge whether the first of a pair is better than the second."""
    if pair.outcome == EQUAL:
        return Judgement(ALIKE, pair.text, pair.margin)
    return Judgement({BETTER: YES, WORSE: NO}.get(pair.outcome, OPEN), pair.text)


def costs_nothing(pair: ComparedPair) -> Judgement:
    """Judge whether the first of a pair is as good as the second, or better.

    That a cost is not shown is not the same as shown not to be: the whole interval of the
    difference must be below the margin.
    """
    told = f'{pair.text}; a cost below {pair.margin:.2g} points counts as none'
    if pair.high < pair.margin:
        return Judgement(YES, told)
    return Judgement(NO if pair.outcome == WORSE else OPEN, told)
