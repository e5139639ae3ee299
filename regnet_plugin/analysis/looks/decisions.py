"""Design spaces that are compared while their networks are trained, at looks that are planned.

Each look tests every pair of spaces by the difference of an estimate, such as the mean error, with
Welch's t, whose p value counts over all planned looks together (`chance_over_looks`). Which space
is the best is found in the same errors, so Holm's correction is for all pairs, not only for those
with the best one. Two spaces are equal where the repeated confidence interval of their difference
lies within a margin: it holds at all looks at once, so one may stop by it (Jennison and Turnbull,
*Group Sequential Methods*, 2000, chapters 2 and 9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from scipy.special import ndtr, stdtr, stdtrit

from regnet_plugin.analysis.adjustment.estimates import Estimate
from regnet_plugin.analysis.comparison import holm
from regnet_plugin.analysis.inputs import check_share
from regnet_plugin.analysis.looks.boundaries import chance_over_looks, look_bounds

Pair = tuple[str, str]


@dataclass(frozen=True)
class LookRules:
    """What is asked of looks, before the first one.

    Attributes:
        looks: how many are planned, at least 1.
        margin: differences below it do not matter; above 0, in the unit of the estimates.
        confidence: of all statements together, between 0 and 1. Default: 0.95.
        more_is_better: whether a larger estimate is better, as of a share of good networks.
            Default: no, as of errors.

    Raises:
        ValueError: if one of them is out of range.
    """

    looks: int
    margin: float
    confidence: float = 0.95
    more_is_better: bool = False

    def __post_init__(self) -> None:
        check_share(confidence=self.confidence)
        if self.looks < 1:
            raise ValueError(f'there must be at least one look, but there are {self.looks}')
        if not 0 < self.margin < float('inf'):
            raise ValueError(f'margin must be a number above 0, but it is {self.margin}')


@dataclass(frozen=True)
class Verdict:
    """What is said of the best space and another one.

    Attributes:
        better: the space with the better estimate.
        other: the other one.
        outcome: 'better', if that is shown; 'equal', within the margin; or 'undecided'.
        difference: by how much the better one is better, from 0; NaN where it is not known.
        low, high: repeated confidence interval of it, of this pair alone; below 0 is worse. Without
            ends where too little is known.
        p_value: over all looks and pairs together.
        look: at which it was said, from 1.
    """

    better: str
    other: str
    outcome: str
    difference: float
    low: float
    high: float
    p_value: float
    look: int


@dataclass(frozen=True)
class Decision:
    """What looks came to.

    Attributes:
        verdicts: one for each space but the best, in the order in which the spaces were given.
        going_on: spaces whose networks are to be trained on; none where all is decided or no look
            is left.
    """

    verdicts: tuple[Verdict, ...]
    going_on: tuple[str, ...]


def pairs_of(names: Iterable[str]) -> list[Pair]:
    """Give the pairs of spaces.

    Args:
        names: of the spaces; the pairs are in their order.
    """
    return list(combinations(names, 2))


def decide(
    names: Sequence[str], looks: Sequence[Mapping[Pair, Estimate]], rules: LookRules
) -> Decision:
    """Say what the looks until now come to.

    A space that is shown to be worse than the best one, or equal to it, is trained no further; if
    that leaves the best one alone, the comparison has ended.

    Args:
        names: of the spaces, at least two.
        looks: those that were taken, at least one: of each pair of `pairs_of(names)` whose spaces
            both go on, the first one's estimate less the second's.
        rules: of the comparison.

    Raises:
        ValueError: if there are more looks than planned, none, or fewer than two names.
    """
    if len(names) < 2 or not 1 <= len(looks) <= rules.looks:
        raise ValueError(
            'there must be two names at least, and from one look to as many as are planned, but '
            f'there are {len(names)} names and {len(looks)} looks of {rules.looks}'
        )
    course = _Course(names, rules)
    for number, differences in enumerate(looks, 1):
        course.take(number, differences)
    return course.decision(len(looks) == rules.looks)


class _Course:
    """The looks one after the other.

    What was decided stays so, and a p value is the least of those until now: the chance that it is
    below a level at any look is what `chance_over_looks` counts.
    """

    def __init__(self, names: Sequence[str], rules: LookRules) -> None:
        self._names, self._rules = names, rules
        self._active = list(names)
        self._p_values = dict.fromkeys(pairs_of(names), 1.0)
        self._verdicts: dict[str, Verdict] = {}

    def take(self, number: int, differences: Mapping[Pair, Estimate]) -> None:
        """Take a look, at the spaces that are still active."""
        if len(self._active) < 2:
            return
        pairs = pairs_of(self._active)
        for pair in pairs:
            once = _p_value(differences[pair])
            over_looks = chance_over_looks(once, number, self._rules.looks)
            self._p_values[pair] = min(self._p_values[pair], over_looks)
        corrected = dict(zip(self._p_values, holm(list(self._p_values.values())).tolist()))
        best = self._best(differences)
        for other in [name for name in self._active if name != best]:
            pair = (best, other) if (best, other) in corrected else (other, best)
            found = differences[pair] if pair[0] == other else _negative(differences[pair])
            if self._rules.more_is_better:
                found = _negative(found)
            self._verdicts[other] = self._verdict(best, other, found, corrected[pair], number)
        self._verdicts.pop(best, None)
        decided = {v.other for v in self._verdicts.values() if v.outcome != 'undecided'}
        self._active = [name for name in self._active if name not in decided]

    def _best(self, differences: Mapping[Pair, Estimate]) -> str:
        """The active space with the best estimate: all its differences are on its side."""
        sums = dict.fromkeys(self._active, 0.0)
        for first, second in pairs_of(self._active):
            sums[first] += differences[first, second].value
            sums[second] -= differences[first, second].value
        sign = -1 if self._rules.more_is_better else 1
        return min(self._active, key=lambda name: sign * sums[name])

    def _verdict(
        self, best: str, other: str, advantage: Estimate, p_value: float, number: int
    ) -> Verdict:
        """What is said of a pair by the best one's advantage."""
        rules = self._rules
        level = 1 - rules.confidence
        bound = float(look_bounds(rules.looks, level)[number - 1])
        low, high = _repeated_interval(advantage, bound)
        of_all = level / max(1, len(self._p_values))
        far = float(look_bounds(rules.looks, of_all)[number - 1])
        least, most = _repeated_interval(advantage, far)
        if p_value <= level:
            outcome = 'better'
        elif -rules.margin < least and most < rules.margin:
            outcome = 'equal'
        else:
            outcome = 'undecided'
        return Verdict(best, other, outcome, advantage.value, low, high, p_value, number)

    def decision(self, is_last: bool) -> Decision:
        """What all looks came to."""
        going_on = () if is_last or len(self._active) < 2 else tuple(self._active)
        verdicts = [self._verdicts[name] for name in self._names if name in self._verdicts]
        return Decision(tuple(verdicts), going_on)


def _negative(estimate: Estimate) -> Estimate:
    """The estimate with the other sign."""
    return replace(
        estimate,
        value=-estimate.value,
        low=-estimate.high,
        high=-estimate.low,
        uncertainty=-estimate.uncertainty,
    )


# Of two spaces of one law the skewness cancels in the difference, and Welch's t keeps its level
# from ten networks on. Intervals of means that know of skewness (`Uncertainty.interval`) do not:
# tails of one percent then rest on third moments of ten numbers, and twice as many pairs of one law
# are called different.


def _p_value(difference: Estimate) -> float:
    """Two-sided p of a difference from 0; 1 where nothing varies, or the variance is not known."""
    uncertainty = difference.uncertainty
    if not uncertainty.variance > 0:
        return 1.0
    freedom = uncertainty.variance**2 / uncertainty.variance_of_variance
    return 2 * float(stdtr(freedom, -abs(difference.value) / uncertainty.variance**0.5))


def _repeated_interval(difference: Estimate, bound: float) -> tuple[float, float]:
    """Interval of a look that holds at all looks at once, with the confidence of a boundary.

    It is without ends where nothing varies, which says that too few were drawn, or the variance is
    not known.

    Args:
        difference: at the look.
        bound: from `look_bounds`, of the look.
    """
    uncertainty = difference.uncertainty
    if not uncertainty.variance > 0:
        return -float('inf'), float('inf')
    freedom = uncertainty.variance**2 / uncertainty.variance_of_variance
    # Student's quantile with the same chance in a tail
    half_width = -float(stdtrit(freedom, ndtr(-bound))) * uncertainty.variance**0.5
    return difference.value - half_width, difference.value + half_width
