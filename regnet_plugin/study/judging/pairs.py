"""Two populations of a study beside each other, by the looks that were planned, or all at once."""

from dataclasses import dataclass

from regnet_plugin.analysis import PairComparison, Verdict, adjusted_difference, compare
from regnet_plugin.report.populations import ReportedPopulation
from regnet_plugin.study.looking import Looked
from regnet_plugin.study.plan import Looks
from regnet_plugin.study.results import Results
from regnet_plugin.study.wording import interval_text

BETTER, WORSE, EQUAL, UNDECIDED = 'better', 'worse', 'equal', 'undecided'


@dataclass(frozen=True)
class ComparedPair:
    """How the errors of two populations, or of two parts of one, differ.

    Attributes:
        outcome: of the first: `BETTER`, `WORSE`, `EQUAL` within a margin that was planned, or
            `UNDECIDED`.
        low, high: 95% interval of the mean error of the first less that of the second, in points;
            over all looks at once where there are looks. NaN or infinite where it is not known.
        margin: in points; a cost below it counts as none.
        text: the difference, its interval, and what it rests on.
    """

    outcome: str
    low: float
    high: float
    margin: float
    text: str


def compared(
    results: Results, first: ReportedPopulation, second: ReportedPopulation
) -> ComparedPair:
    """Compare two populations of a study.

    Where the plan looks at the two, by what its looks came to. Else all at once, by Welch's test,
    with half a standard deviation of the second one's errors as the margin: less is no medium
    effect (Cohen 1988).
    """
    looks = results.plan.looks
    keys = [results.key_of(population) for population in (first, second)]
    for looked in results.looked:
        if looks and sorted(looked.pair) == sorted(keys):
            return _by_looks(looked, looks, keys, first, second)
    pair = compare({first.name: first.errors, second.name: second.errors}).pairs[0]
    found = of_pair(pair, tolerated_cost(second))
    return ComparedPair(
        found.outcome,
        found.low,
        found.high,
        found.margin,
        f'{found.text}{_adjusted(first, second, 1 - pair.level)}',
    )


def of_pair(pair: PairComparison, margin: float) -> ComparedPair:
    """Say what a comparison by Welch's test came to; its margin is in points.

    None are called equal: a margin that was not planned, in points, shows little.
    """
    if pair.p_direction <= pair.level:
        outcome = BETTER if pair.difference < 0 else WORSE
    else:
        outcome = UNDECIDED
    text = (
        f'{_difference(pair.first, pair.second, pair.difference, pair.low, pair.high)}, the first '
        f'is better in {pair.probability:.0%} of pairs'
    )
    return ComparedPair(outcome, pair.low, pair.high, margin, text)


def tolerated_cost(population: ReportedPopulation) -> float:
    """Return half a standard deviation of a population's errors, in points."""
    return float(population.errors.std(ddof=1)) / 2


def _by_looks(
    looked: Looked,
    looks: Looks,
    keys: list[str],
    first: ReportedPopulation,
    second: ReportedPopulation,
) -> ComparedPair:
    """Say what the looks at a pair came to, the first one less the second."""
    margin = looks.margin_of(looked.pair)
    if looked.decision is None:
        text = f'{first.name} less {second.name}: the first look is at {looks.every} trainings'
        nan = float('nan')
        return ComparedPair(UNDECIDED, nan, nan, margin, text)
    (verdict,) = looked.decision.verdicts
    is_first = verdict.better == keys[0]
    difference, low, high = _first_less_second(verdict, is_first)
    outcome = verdict.outcome
    if outcome == BETTER and not is_first:
        outcome = WORSE
    text = (
        f'{_difference(first.name, second.name, difference, low, high)} after '
        f'{looked.trainings} trainings of each, of {looks.most} at most'
    )
    return ComparedPair(outcome, low, high, margin, text)


def _first_less_second(verdict: Verdict, is_first_better: bool) -> tuple[float, float, float]:
    """Return the difference of two errors and its interval, by how much the better one is better.

    Args:
        verdict: on the two.
        is_first_better: whether the better one is the one that the other is subtracted from.
    """
    if is_first_better:
        return -verdict.difference, -verdict.high, -verdict.low
    return verdict.difference, verdict.low, verdict.high


def _difference(first: str, second: str, difference: float, low: float, high: float) -> str:
    """Write a difference: 'A less B: -1.20 points (-2.00 to -0.40)'."""
    return f'{first} less {second}: {difference:+.2f} points{interval_text(low, high)}'


def _adjusted(first: ReportedPopulation, second: ReportedPopulation, confidence: float) -> str:
    """Write the difference adjusted by what is known of untrained networks; '' without these."""
    if first.adjusted.off and second.adjusted.off:
        return ''
    found = adjusted_difference(first.adjusted, second.adjusted, confidence)
    return (
        f'; adjusted by what is known of networks that are not trained {found.value:+.2f} '
        f'points{interval_text(found.low, found.high)}'
    )
